import type { ForkState, Hex } from '../fork/forkState.js'
import type { HookPatch, HookProgram } from '../runtime/hookPatch.js'

/** Storage writes, ascending by key; `null` removes the key. */
export type StorageDiff = readonly (readonly [key: Hex, value: Hex | null])[]

/** One line the runtime logged. */
export interface RuntimeLog {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'trace'
  readonly target: string
  readonly message: string
}

export interface CallResult {
  /** SCALE bytes the runtime returned. */
  readonly result: Hex
  /** Keys whose value the call changed, against the arm's state before it. */
  readonly storageDiff: StorageDiff
  readonly logs: readonly RuntimeLog[]
  /** Unresolved host functions that the call reached (the engine answered for them): always listed as mocked. */
  readonly mockedHostFunctions: readonly string[]
  /** Rao that TypeScript hooks moved from validators to miners, by netuid: a hook's own rule, so nothing else tells. */
  readonly poolMoves?: ReadonlyMap<number, bigint>
}

/** An arm inside an engine: a runtime over its own overlay on a shared state. */
export interface EngineArm {
  /** Calls a runtime function. With `commit` the storage diff becomes part of the arm's state.
   *  @throws E343 to E349 when a hook fails, E401 when the runtime panics or traps (with its last log line), E402 when it exceeds its time or memory limit;
   *  as every function here: what the fork's source cannot answer */
  call(fn: string, args: Hex, options?: { commit?: boolean }): Promise<CallResult>
  /** Writes raw storage into the arm's overlay. */
  write(diff: StorageDiff): Promise<void>
  /** Values in the order of the keys; `null` where absent. */
  read(keys: readonly Hex[]): Promise<(Hex | null)[]>
  /** All entries below a prefix, ascending by key. */
  entries(prefix: Hex): Promise<[Hex, Hex][]>
  close(): Promise<void>
}

export interface ArmSpec extends Pick<ForkState, 'storage' | 'remote'> {
  readonly name: string
  /** Uncompressed runtime wasm. */
  readonly wasm: Uint8Array
  /** Needed by a runtime into which hooks are woven. Native engine only (E350). */
  readonly hooks?: ArmHooks | undefined
}

/** The TypeScript hooks that a runtime calls, by the number woven into it. */
export interface ArmHooks {
  readonly programs: readonly { readonly program: HookProgram; readonly params: HookPatch['params'] }[]
  /** The runtime's, as it returns it: hooks read storage by it. */
  readonly metadata: Hex
}

/** One interface, two implementations: `native` (V8 in a worker) and `chopsticks` (the cross-check). */
export interface Engine {
  readonly name: EngineName
  openArm(spec: ArmSpec): Promise<EngineArm>
  close(): Promise<void>
}

export type EngineName = 'native' | 'chopsticks'
