import type { StorageCodec } from '../fork/storageCodec.js'
import type { FollowedState } from './followedState.js'

const SUBTENSOR = 'SubtensorModule'

/** Before dynamic TAO an epoch only loaded what it pays (LoadedEmission); the next block paid it, and the subnet's owner got a cut of every
 *  block's emission at once (specs 143 to 194). From 195 on rewards were gathered by hotkey (PendingdHotkeyEmission). */
export const paysABlockLater = (codec: StorageCodec): boolean =>
  codec.has(SUBTENSOR, 'LoadedEmission') &&
  codec.has(SUBTENSOR, 'TotalHotkeyStake') &&
  !codec.has(SUBTENSOR, 'TotalHotkeyAlpha') &&
  !codec.has(SUBTENSOR, 'PendingdHotkeyEmission')

/** From spec 210 to 219 rewards were gathered by hotkey, and what its owner gets undivided was told apart from the rest. */
export const gathersByHotkey = (codec: StorageCodec): boolean =>
  codec.has(SUBTENSOR, 'PendingdHotkeyEmission') && codec.has(SUBTENSOR, 'PendingdHotkeyEmissionUntouchable')

/** Before dynamic TAO root's own epochs divided the emission among subnets. */
export const rootDivides = (codec: StorageCodec): boolean => paysABlockLater(codec) || gathersByHotkey(codec)

/** What a subnet emitted: TAO a block in rao, and in how many blocks. */
export type Emissions = ReadonlyMap<bigint, number>

/** Counts what subnets emit until their emissions are taken. */
export function emissionTally(codec: StorageCodec) {
  const tally = new Map<number, Map<bigint, number>>()
  return {
    /** @param state after a block that stands for as many */
    count({ entries, subnets }: FollowedState, blocks: number): void {
      for (const netuid of subnets()) {
        const key = codec.key(SUBTENSOR, 'EmissionValues', netuid)
        const rao = codec.decode(SUBTENSOR, 'EmissionValues', entries.get(key) ?? null) as bigint
        const emitted = tally.get(netuid) ?? new Map<bigint, number>()
        tally.set(netuid, emitted.set(rao, (emitted.get(rao) ?? 0) + blocks))
      }
    },
    take(netuid: number): Emissions {
      const emitted = tally.get(netuid) ?? new Map<bigint, number>()
      tally.delete(netuid)
      return emitted
    },
  }
}
