import type { RuntimeLog, StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'

/** One epoch of one subnet as it was replayed: the states around its block and what the call said. */
export interface EpochRecord {
  /** Index of the subnet's epoch in the replay, from 0. */
  readonly epoch: number
  readonly netuid: number
  readonly block: number
  /** Storage right before the block's call, feed applied: the items of `rewardItems`. */
  readonly pre: ReadonlyMap<Hex, Hex>
  /** The same items after it. */
  readonly post: ReadonlyMap<Hex, Hex>
  /** All that the block's call changed. */
  readonly storageDiff: StorageDiff
  /** System.Events after the call; `null` when there are none. */
  readonly events: Hex | null
  readonly logs: readonly RuntimeLog[]
  readonly mockedHostFunctions: readonly string[]
}
