import type { RuntimeLog, StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import type { Emissions } from './laterPayment.js'

/** Blocks before an epoch that were not executed. */
export interface Jump {
  readonly skipped: number
  /** Items, "Pallet.Item", that were credited by the increment of the block before the skipped ones. */
  readonly credited: readonly string[]
  /** Items that blocks change otherwise: they keep the value of that block. */
  readonly notReplayed: readonly string[]
}

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
  /** Where an epoch is paid by the next block: the same items after that one's call. */
  readonly settled?: ReadonlyMap<Hex, Hex>
  /** There, too: what the subnet emitted since its last epoch in the replay. */
  readonly emissions?: Emissions
  /** All that the block's call changed. */
  readonly storageDiff: StorageDiff
  /** System.Events after the call; `null` when there are none. */
  readonly events: Hex | null
  /** The jumps since the record before this one. */
  readonly jumps: readonly Jump[]
  readonly logs: readonly RuntimeLog[]
  readonly mockedHostFunctions: readonly string[]
  /** Rao that a TypeScript hook moved from validators to miners. */
  readonly movedByHook?: bigint
}
