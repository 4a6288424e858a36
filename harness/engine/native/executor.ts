import type { RuntimeLog } from '../engine.js'
import { defaultEngineOptions, type EngineOptions } from '../engineOptions.js'
import { Allocator } from './allocator.js'
import { KnownState } from '../../fork/knownState.js'
import { GuestTrap } from './guestFault.js'
import { GuestMemory, spanLength, spanOffset } from './guestMemory.js'
import type { HookCalls } from './hooks/hookCalls.js'
import type { HostContext, HostFunctions } from './host/context.js'
import { cryptoFunctions } from './host/crypto.js'
import { hashingFunctions, trieFunctions } from './host/hashing.js'
import { miscFunctions } from './host/misc.js'
import { childStorageFunctions, hookFunctions, storageFunctions } from './host/storage.js'
import { LogBook } from './logBook.js'
import { MainTrie } from './mainTrie.js'
import { Overlay } from './overlay.js'
import { pageBytes, wasm, type WasmImports, type WasmMemory, type WasmModule } from './webassembly.js'

/** A memory that grew no larger is cleared for the next call. A new one for each costs more, most of it in collecting garbage. */
const keptBytes = 2 ** 23

export type ExecutorOptions = Pick<EngineOptions, 'memoryLimitBytes' | 'signatures' | 'logLevel'>

interface Executed {
  readonly result: Uint8Array
  /** Against the committed state, ascending by key. */
  readonly changes: [string, Uint8Array | null][]
  readonly logs: RuntimeLog[]
  readonly mocked: string[]
  readonly poolMoves: ReadonlyMap<number, bigint>
}

export interface Executor {
  /** Runs a runtime function in a fresh instance, its memory all zeros, over the committed state, which it leaves as it is.
   *  @throws GuestTrap, LimitExceeded, HookFault, or V8's own RuntimeError and RangeError */
  run(fn: string, args: Uint8Array): Executed
  /** What the last call logged, also when it failed. */
  logs(): RuntimeLog[]
}

/** @param openHooks what answers the hooks that are woven into the runtime */
export function createExecutor(
  module: WasmModule,
  initialPages: number,
  state: KnownState<Uint8Array>,
  options: ExecutorOptions,
  openHooks?: (host: HostContext) => HookCalls,
): Executor {
  const host = openHost(state, options)
  const { memory } = host
  const known: HostFunctions = { ...hostFunctions(host), ...(openHooks && hookFunctions(host, openHooks(host))) }
  const functions = Object.fromEntries(
    wasm.Module.imports(module)
      .filter(({ kind }) => kind === 'function')
      .map(({ name }) => [name, known[name] ?? missing(name)]),
  )
  const maximum = Math.floor(options.memoryLimitBytes / pageBytes)
  let kept: WasmMemory | undefined
  const zeroed = (): WasmMemory => {
    if (kept === undefined || kept.buffer.byteLength > keptBytes)
      return (kept = new wasm.Memory({ initial: initialPages, maximum }))
    new Uint8Array(kept.buffer).fill(0)
    return kept
  }

  const begin = (): WasmImports => {
    host.storage.reset()
    host.logs.reset()
    host.mocked.clear()
    host.poolMoves.clear()
    host.batch.valid = undefined
    host.allocator.reset(undefined)
    const fresh = zeroed()
    memory.attach(fresh)
    return { env: { ...functions, memory: fresh } }
  }

  return {
    run: (fn, args) => {
      const { exports } = new wasm.Instance(module, begin())
      const entry = exports[fn]
      if (typeof entry !== 'function') throw new Error(`The runtime has no function ${fn}.`)
      host.allocator.reset(heapBase(exports['__heap_base']))
      const offset = host.allocator.malloc(args.length)
      memory.write(offset, args)
      const span: unknown = entry(offset, args.length)
      if (typeof span !== 'bigint') throw new GuestTrap('its function does not return a span of bytes')
      const result = memory.copyAt(spanOffset(span), spanLength(span))
      return {
        result,
        changes: host.storage.changes(),
        logs: host.logs.take(),
        mocked: [...host.mocked].sort(),
        poolMoves: new Map(host.poolMoves),
      }
    },
    logs: () => host.logs.take(),
  }
}

function openHost(state: KnownState<Uint8Array>, options: ExecutorOptions): HostContext {
  const memory = new GuestMemory(options.memoryLimitBytes)
  const storage = new Overlay(state, options.memoryLimitBytes)
  return {
    memory,
    allocator: new Allocator(memory),
    storage,
    mainTrie: new MainTrie(memory, storage),
    logs: new LogBook(options.logLevel),
    signatures: options.signatures,
    mocked: new Set(),
    poolMoves: new Map(),
    batch: { valid: undefined },
  }
}

function hostFunctions(host: HostContext): HostFunctions {
  return {
    ...storageFunctions(host),
    ...childStorageFunctions(host),
    ...hashingFunctions(host),
    ...trieFunctions(host),
    ...cryptoFunctions(host),
    ...miscFunctions(host),
  }
}

/** Names of the host functions that the engine provides. */
export function hostFunctionNames(): ReadonlySet<string> {
  return new Set(Object.keys(hostFunctions(openHost(new KnownState(), defaultEngineOptions))))
}

/** The heap begins where the linker says that the data ends. */
function heapBase(global: unknown): number {
  if (!(global instanceof wasm.Global) || typeof global.value !== 'number')
    throw new GuestTrap('it does not say where its heap begins (no __heap_base)')
  return global.value >>> 0
}

/** A host function that only an off-chain worker or a keystore has, or that is newer than this engine. */
function missing(name: string) {
  return () => {
    throw new GuestTrap(`it called the host function ${name}, which this engine does not provide`)
  }
}
