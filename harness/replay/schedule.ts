import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { rulesOf } from './rules.js'

/** Blocks without an epoch after which one is due regardless of the tempo. */
const MAX_BLOCKS_WITHOUT_STEP = 50_400

const SUBTENSOR = 'SubtensorModule'

type Entries = ReadonlyMap<Hex, Hex>

/** Subnets of the chain, root left out, ascending. */
export function subnetsOf(codec: StorageCodec, entries: Entries): number[] {
  const prefix = codec.prefix(SUBTENSOR, 'NetworksAdded')
  return [...entries.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => Number(codec.decodeKey(SUBTENSOR, 'NetworksAdded', key)[0]))
    .filter((netuid) => netuid !== 0)
    .sort((a, b) => a - b)
}

function number(codec: StorageCodec, entries: Entries, item: string, netuid: number): number {
  return Number(codec.decode(SUBTENSOR, item, entries.get(codec.key(SUBTENSOR, item, netuid)) ?? null))
}

/** Whether the runtime counts from the last epoch (LastEpochBlock, since spec 423). Before, the block's number alone decided. */
const countsFromLastEpoch = (codec: StorageCodec, entries: Entries): boolean => rulesOf(codec, entries) >= 423

/** The first block after `block` in which the subnet's epoch is due; `undefined` when it never is (tempo 0).
 *  Due since spec 423: the tempo has passed since the last epoch, or a triggered or deferred epoch waits, or 50,400 blocks went
 *  without. Before: (block + netuid + 1) mod (tempo + 1) = tempo. */
export function nextDueBlock(codec: StorageCodec, entries: Entries, netuid: number, block: number): number | undefined {
  const read = (item: string) => number(codec, entries, item, netuid)
  const tempo = read('Tempo')
  if (tempo === 0) return undefined
  if (!countsFromLastEpoch(codec, entries)) {
    const next = block + 1
    return next + tempo - ((next + netuid + 1) % (tempo + 1))
  }
  const pendingAt = read('PendingEpochAt')
  const candidates = [
    read('LastEpochBlock') + tempo,
    block + MAX_BLOCKS_WITHOUT_STEP + 1 - read('BlocksSinceLastStep'),
    ...(pendingAt > 0 ? [pendingAt] : []),
  ]
  return Math.max(block + 1, Math.min(...candidates))
}

/** Why no epoch of the subnet ran in the block; `undefined` when one did. */
export function reasonNotFired(codec: StorageCodec, after: Entries, netuid: number, block: number): string | undefined {
  const read = (item: string) => number(codec, after, item, netuid)
  if (!countsFromLastEpoch(codec, after)) {
    return read('BlocksSinceLastStep') === 0 ? undefined : 'the runtime did not find it due'
  }
  if (read('LastEpochBlock') === block) {
    return read('BlocksSinceLastStep') === 0 ? undefined : 'it was skipped, two of its uids have the same hotkey'
  }
  return read('PendingEpochAt') === block + 1
    ? 'it was deferred, the block had run MaxEpochsPerBlock epochs'
    : 'the runtime did not find it due'
}
