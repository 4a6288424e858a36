import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { REWARD_ITEMS } from './rewardItems.js'

/** Maps that an epoch or the block around it reads, beside those the ledger reads and those by netuid alone. Every subnet's epochs fire in a replay:
 *  they are needed of all subnets. */
const EPOCH_MAPS: readonly (readonly [pallet: string, item: string])[] = [
  ...[
    'Weights',
    'Bonds',
    'WeightCommits',
    'TimelockedWeightCommits',
    'CRV3WeightCommits',
    'Uids',
    'BlockAtRegistration',
    'PendingChildKeys',
    'TaoDividendsPerSubnet',
    'VotingPower',
    'IsNetworkMember',
    'TotalHotkeyAlphaLastEpoch',
    'AutoStakeDestination',
  ].map((item) => ['SubtensorModule', item] as const),
  ['Swap', 'Ticks'],
  ['Swap', 'TickIndexBitmapWords'],
  ['Swap', 'Positions'],
  ['System', 'BlockHash'],
]

/** Pallets whose maps by netuid the reward path reads. */
const SUBNET_PALLETS: readonly string[] = ['SubtensorModule', 'Swap', 'AlphaAssets']

/** `:extrinsic_index`, `:intrablock_entropy`, `:heappages` */
const WELL_KNOWN: readonly Hex[] = [
  '0x3a65787472696e7369635f696e646578',
  '0x3a696e747261626c6f636b5f656e74726f7079',
  '0x3a686561707061676573',
]

/** `0x`, then the hash of the pallet. */
const PALLET_PREFIX = 2 + 32

/** Whole bytes, the empty key included, with which two or more pallets' prefixes begin. */
function branchesAbove(pallets: readonly Hex[]): Hex[] {
  const beginnings = pallets.flatMap((prefix) =>
    Array.from({ length: (PALLET_PREFIX - 2) / 2 }, (_, bytes) => prefix.slice(0, 2 + 2 * bytes) as Hex),
  )
  return [...new Set(beginnings.filter((key, index) => beginnings.indexOf(key) !== index))]
}

/** What a replay reads of a chain, to be fetched at once: every plain value, and the maps of the reward path as far as the
 *  runtime has them. What it reads besides is fetched when it is read.
 *
 *  Chopsticks' executor also computes the root of what a block changed, and asks for the value at each branch of that trie: where the keys of
 *  two pallets part, and at a pallet's prefix. No chain has one there; that it has none is asked for as well, so that an arm can be served from a snapshot. */
export function neededState(codec: StorageCodec): { keys: Hex[]; prefixes: Hex[] } {
  const wanted = new Set([...REWARD_ITEMS, ...EPOCH_MAPS].map((path) => path.join('.')))
  const items = codec.items().map((path) => {
    const [pallet = '', item = ''] = path.split('.')
    return { path, pallet, item, keys: codec.keyTypes(pallet, item) }
  })
  const plain = items.filter(({ keys }) => keys.length === 0)
  const maps = items.filter(({ path, pallet, keys }) => {
    const byNetuid = keys.length === 1 && keys[0] === 'U16' && SUBNET_PALLETS.includes(pallet)
    return keys.length > 0 && (byNetuid || wanted.has(path))
  })
  const keys = plain.map(({ pallet, item }) => codec.key(pallet, item))
  const pallets = new Set(items.map(({ pallet, item }) => codec.prefix(pallet, item).slice(0, PALLET_PREFIX) as Hex))
  return {
    keys: [...WELL_KNOWN, ...keys, ...pallets, ...branchesAbove([...pallets])],
    prefixes: maps.map(({ pallet, item }) => codec.prefix(pallet, item)),
  }
}
