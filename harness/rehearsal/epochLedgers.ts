import { rehearsedLedgersDiffer } from '../errors/rehearsal.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { Ledger, RewardEntry } from '../ledger/ledger.js'
import { readEpoch } from '../ledger/readEpoch.js'
import { reasonNotFired, subnetsOf } from '../replay/schedule.js'
import { REWARD_ITEMS } from '../replay/rewardItems.js'
import type { EpochPools } from '../runtime/movedRao.js'

type Entries = ReadonlyMap<Hex, Hex>

/** Prefixes of everything that the ledger of an epoch reads. */
export function ledgerPrefixes(codec: StorageCodec): Hex[] {
  return [...REWARD_ITEMS, ['System', 'Events'] as const]
    .filter((path) => codec.has(...path))
    .map((path) => codec.prefix(...path))
}

/** What of a whole state the ledger reads. */
export function ledgerEntries(codec: StorageCodec, state: Entries): Entries {
  const prefixes = new Set<string>(ledgerPrefixes(codec))
  const itemPrefix = 2 + 64
  return new Map([...state].filter(([key]) => prefixes.has(key.slice(0, itemPrefix))))
}

/** Subnets that had an epoch in the block after which the state is `post`. */
export function subnetsPaid(codec: StorageCodec, post: Entries, block: number): number[] {
  return subnetsOf(codec, post).filter((netuid) => reasonNotFired(codec, post, netuid, block) === undefined)
}

/** The ledger of one subnet's epoch from the states around its whole block.
 *  @throws as `readEpoch` */
export function blockLedger(
  codec: StorageCodec,
  at: { readonly netuid: number; readonly epoch: number; readonly block: number },
  { pre, post }: { readonly pre: Entries; readonly post: Entries },
  movedRao: (epoch: EpochPools) => bigint,
): Ledger {
  const events = post.get(codec.key('System', 'Events')) ?? null
  const nothing = { storageDiff: [], jumps: [], logs: [], mockedHostFunctions: [] }
  return readEpoch(codec, { ...at, pre, post, events, ...nothing }, movedRao)
}

/** @throws E809 with the first account that was paid otherwise */
export function requireSameLedger(node: Ledger, engine: Ledger, block: number): void {
  const theirs = new Map(node.entries.map((entry) => [accountOf(entry), entry.alphaRao]))
  const ours = new Map(engine.entries.map((entry) => [accountOf(entry), entry.alphaRao]))
  for (const account of new Set([...theirs.keys(), ...ours.keys()])) {
    const [seen, predicted] = [theirs.get(account), ours.get(account)]
    if (seen === predicted) continue
    throw rehearsedLedgersDiffer({
      place: `Block ${block}, ${account}`,
      node: String(seen ?? 'nothing'),
      engine: String(predicted ?? 'nothing'),
    })
  }
}

const accountOf = ({ netuid, role, uid, hotkey, coldkey }: RewardEntry): string =>
  `subnet ${netuid}, ${role} ${hotkey}${uid === undefined ? '' : ` (uid ${uid})`}, coldkey ${coldkey}`
