import { defaultEngineOptions } from '../harness/engine/engineOptions.js'
import type { ArmSpec, EngineArm } from '../harness/engine/engine.js'
import { createExecutor } from '../harness/engine/native/executor.js'
import { openHookCalls } from '../harness/engine/native/hooks/hookCalls.js'
import { HookFault, hookError } from '../harness/engine/native/hooks/hookFault.js'
import { compileRuntime } from '../harness/engine/native/runtimeModule.js'
import { bytesFromHex, bytesToHex, keyFromHex, keyToHex } from '../harness/engine/native/storageKey.js'
import { KnownState } from '../harness/fork/knownState.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'

/** Compiled once for all arms over the same bytes: V8 then optimises them once, too. */
const compiled = new WeakMap<Uint8Array, ReturnType<typeof compileRuntime>>()

function compile(wasm: Uint8Array): ReturnType<typeof compileRuntime> {
  const known = compiled.get(wasm) ?? compileRuntime(wasm, defaultEngineOptions.memoryLimitBytes)
  compiled.set(wasm, known)
  return known
}

/** An arm of the native engine in the test's own process, where neither thread nor process is what is tested. */
export async function openDirectArm(
  { wasm, storage, hooks }: Pick<ArmSpec, 'wasm' | 'storage' | 'hooks'>,
  codec: StorageCodec,
): Promise<EngineArm> {
  const { module, initialPages } = await compile(wasm)
  const state = new KnownState([...storage].map(([key, value]) => [keyFromHex(key), bytesFromHex(value)] as const))
  const open = hooks && ((host: Parameters<typeof openHookCalls>[0]) => openHookCalls(host, hooks.programs, codec))
  const executor = createExecutor(module, initialPages, state, defaultEngineOptions, open)
  const hexOf = (value: Uint8Array | null | undefined) => (value ? bytesToHex(value) : null)
  return {
    async call(fn, args, { commit = false } = {}) {
      try {
        const { result, changes, logs, mocked, poolMoves } = executor.run(fn, bytesFromHex(args))
        if (commit) state.apply(changes)
        const storageDiff = changes.map(([key, value]) => [keyToHex(key), hexOf(value)] as const)
        return { result: bytesToHex(result), storageDiff, logs, mockedHostFunctions: mocked, poolMoves }
      } catch (error) {
        throw error instanceof HookFault ? hookError(error.fault) : error
      }
    },
    async write(diff) {
      state.apply(diff.map(([key, value]) => [keyFromHex(key), value === null ? null : bytesFromHex(value)] as const))
    },
    read: async (keys) => keys.map((key) => hexOf(state.get(keyFromHex(key)))),
    entries: async (prefix) =>
      state.entries(keyFromHex(prefix)).map(([key, value]) => [keyToHex(key), bytesToHex(value)]),
    close: async () => undefined,
  }
}
