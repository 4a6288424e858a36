import type { MessagePort } from 'node:worker_threads'
import type { Hex, StateQuestion } from '../../fork/forkState.js'
import type { KeyRange } from '../../fork/keyRanges.js'
import type { ArmHooks, CallResult, RuntimeLog, StorageDiff } from '../engine.js'
import type { ExecutorOptions } from './executor.js'
import type { HookFaultMessage } from './hooks/hookFault.js'
import type { WasmModule } from './webassembly.js'

/** What a worker starts with: one arm. */
export interface WorkerStart {
  readonly module: WasmModule
  readonly initialPages: number
  readonly storage: ReadonlyMap<Hex, Hex>
  /** Committed since the arm was opened. */
  readonly committed: ReadonlyMap<Hex, Hex | null>
  readonly options: ExecutorOptions
  readonly hooks: ArmHooks | undefined
  /** Where it marks its calls of hooks, for whoever watches them. */
  readonly hookClock: SharedArrayBuffer | undefined
  /** `undefined` when `storage` is the whole state. */
  readonly unread: UnreadStart | undefined
}

/** How a worker reads what it was not given: it asks (`reading`) and sleeps until `awake` is 1; the answer, a `StatePart`, is then
 *  on its port. */
interface UnreadStart {
  readonly ranges: readonly KeyRange<Hex>[]
  readonly answers: MessagePort
  readonly awake: Int32Array
}

export type WorkerRequest =
  | { readonly kind: 'call'; readonly fn: string; readonly args: Hex; readonly commit: boolean }
  | { readonly kind: 'write'; readonly diff: StorageDiff }
  | { readonly kind: 'read'; readonly keys: readonly Hex[] }
  | { readonly kind: 'entries'; readonly prefix: Hex }

export type WorkerResponse =
  /** Once, before the first answer. */
  | { readonly kind: 'ready' }
  /** While it works on a request. */
  | { readonly kind: 'reading'; readonly question: StateQuestion }
  | { readonly kind: 'called'; readonly result: PackedResult }
  | { readonly kind: 'written' }
  | { readonly kind: 'values'; readonly values: (Hex | null)[] }
  | { readonly kind: 'found'; readonly entries: [Hex, Hex][] }
  | { readonly kind: 'trapped'; readonly reason: string; readonly logs: readonly RuntimeLog[] }
  | { readonly kind: 'overMemory'; readonly limitBytes: number }
  | { readonly kind: 'hookFailed'; readonly fault: HookFaultMessage }
  | { readonly kind: 'defect'; readonly message: string }

export interface PackedResult extends Omit<CallResult, 'storageDiff'> {
  /** As `packDiff` makes it. */
  readonly packedDiff: Uint8Array
}

/** A response by way of the process of an arm with hooks: it is made into bytes once, however often it is handed on. */
export interface PackedResponse {
  readonly reading: boolean
  readonly bytes: Uint8Array
}
