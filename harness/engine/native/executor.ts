import type { RuntimeLog } from '../engine.js'
import { defaultEngineOptions, type EngineOptions } from '../engineOptions.js'
import { KnownState } from '../../fork/knownState.js'
import { GuestTrap } from './guestFault.js'
import { GuestMemory, spanLength, spanOffset } from './guestMemory.js'
import type { HookCalls } from './hooks/hookCalls.js'
import type { HostContext, HostFunctions } from './host/context.js'
import { cryptoFunctions } from './host/crypto.js'
import { hashingFunctions, hashSource, trieFunctions } from './host/hashing.js'
import { miscFunctions } from './host/misc.js'
import { childStorageFunctions, mainTrieSource, storageFunctions } from './host/storage.js'
import { LogBook } from './logBook.js'
import { Overlay } from './overlay.js'
import { cachedFunctionNames, StorageCache, type Writes } from './storageCache.js'
import { wasm, type WasmImports, type WasmMemory, type WasmModule } from './webassembly.js'

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
  /** Runs a runtime function in a fresh instance over the committed state, which it leaves as it is. Its memory is all zeros but for the
   *  storage cache.
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
  const host = openHost(state, initialPages, options, openHooks)
  const { cache, memory } = host
  const known: HostFunctions = hostFunctions(host)
  const cached = new Set(cachedFunctionNames())
  const functions = Object.fromEntries(
    wasm.Module.imports(module)
      .filter(({ kind, name }) => kind === 'function' && !cached.has(name))
      .map(({ name }) => [name, known[name] ?? missing(name)]),
  )
  /** How often the state had been written to when the last call began, and what that call changed. */
  let last: { readonly count: number; readonly changes: Executed['changes'] } | undefined
  const writes = (): Writes => {
    const { count, last: lastWrite } = state.writes
    if (count === last?.count) return 'dropped'
    return count - 1 === last?.count && lastWrite === last.changes ? 'committed' : 'unknown'
  }

  let imports: { readonly env: { readonly memory: WasmMemory } } | undefined
  const begin = (): WasmImports => {
    const became = writes()
    host.storage.reset(became)
    host.logs.reset()
    host.mocked.clear()
    host.poolMoves.clear()
    host.batch.valid = undefined
    const fresh = cache.begin(became)
    last = undefined
    if (imports?.env.memory !== fresh) imports = { env: { ...functions, ...cache.functions, memory: fresh } }
    return imports
  }

  const run = (fn: string, args: Uint8Array): Executed => {
    const { exports } = new wasm.Instance(module, begin())
    const entry = exports[fn]
    if (typeof entry !== 'function') throw new Error(`The runtime has no function ${fn}.`)
    requireHeap(exports['__heap_base'])
    cache.openHeap()
    const offset = cache.malloc(args.length)
    memory.write(offset, args)
    const span: unknown = entry(offset, args.length)
    if (typeof span !== 'bigint') throw new GuestTrap('its function does not return a span of bytes')
    const result = memory.copyAt(spanOffset(span), spanLength(span))
    // What is still open is rolled back.
    if (host.storage.depth > 0) cache.forgetValues()
    const changes = host.storage.changes()
    last = { count: state.writes.count, changes }
    return {
      result,
      changes,
      logs: host.logs.take(),
      mocked: [...host.mocked].sort(),
      poolMoves: new Map(host.poolMoves),
    }
  }

  return {
    run: (fn, args) => {
      try {
        return run(fn, args)
      } catch (error) {
        cache.discard()
        throw error
      }
    },
    logs: () => host.logs.take(),
  }
}

/** What host functions work on, over a state.
 *  @param openHooks what answers the hooks that are woven into the runtime */
export function openHost(
  state: KnownState<Uint8Array>,
  initialPages: number,
  options: ExecutorOptions,
  openHooks?: (host: HostContext) => HookCalls,
): HostContext {
  const memory = new GuestMemory()
  const host: HostContext = {
    memory,
    cache: new StorageCache(memory, initialPages, options.memoryLimitBytes, () => ({
      ...mainTrieSource(host, hooks),
      ...hashSource(host),
    })),
    storage: new Overlay(state, options.memoryLimitBytes),
    logs: new LogBook(options.logLevel),
    signatures: options.signatures,
    mocked: new Set(),
    poolMoves: new Map(),
    batch: { valid: undefined },
  }
  const hooks = openHooks?.(host)
  return host
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
  const host = openHost(new KnownState(), 0, defaultEngineOptions)
  return new Set([...Object.keys(hostFunctions(host)), ...cachedFunctionNames()])
}

/** Substrate's heap begins where the linker says that the data ends. Here it begins behind the storage cache, which lies there. */
function requireHeap(global: unknown): void {
  if (!(global instanceof wasm.Global) || typeof global.value !== 'number')
    throw new GuestTrap('it does not say where its heap begins (no __heap_base)')
}

/** A host function that only an off-chain worker or a keystore has, or that is newer than this engine. */
function missing(name: string) {
  return () => {
    throw new GuestTrap(`it called the host function ${name}, which this engine does not provide`)
  }
}
