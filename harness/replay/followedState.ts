import type { EngineArm, StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { REWARD_ITEMS } from './rewardItems.js'
import { subnetsOf } from './schedule.js'

/** `0x`, then the hashes of pallet and item. */
const ITEM_PREFIX = 2 + 64

/** A copy of the arm's reward storage, kept up to date by the storage diffs instead of by reading it again. */
export interface FollowedState {
  readonly entries: ReadonlyMap<Hex, Hex>
  /** As `subnetsOf`, listed anew only when one came or went: on a whole chain that is a search of a million keys. */
  readonly subnets: () => readonly number[]
  /** Takes over what was written to the arm or committed by a call. */
  apply(diff: StorageDiff): void
}

export async function followState(arm: EngineArm, codec: StorageCodec): Promise<FollowedState> {
  const prefixes = REWARD_ITEMS.filter((path) => codec.has(...path)).map((path) => codec.prefix(...path))
  const followed = new Set(prefixes)
  const read = await Promise.all(prefixes.map((prefix) => arm.entries(prefix)))
  const entries = new Map(read.flat())
  const added = codec.prefix('SubtensorModule', 'NetworksAdded')
  let subnets: readonly number[] | undefined
  return {
    entries,
    subnets: () => (subnets ??= subnetsOf(codec, entries)),
    apply(diff) {
      for (const [key, value] of diff) {
        const prefix = key.slice(0, ITEM_PREFIX) as Hex
        if (!followed.has(prefix)) continue
        if (prefix === added) subnets = undefined
        if (value === null) entries.delete(key)
        else entries.set(key, value)
      }
    },
  }
}
