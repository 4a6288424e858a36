import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { SUBTENSOR } from '../fork/storageParts.js'

type Entries = ReadonlyMap<Hex, Hex>
type Writes = [key: Hex, value: Hex][]

/** Items whose value is a block, besides those of `blockOrder`; `none`: where 0 says that there is no such block. */
const BLOCK_ITEMS: readonly { readonly item: string; readonly none: boolean }[] = [
  ...[
    ...['LastEpochBlock', 'LastMechansimStepBlock', 'FirstEmissionBlockNumber', 'NetworkRegisteredAt'],
    ...['LastAdjustmentBlock', 'LastRateLimitedBlock', 'LastHotkeySwapOnNetuid', 'LastHotkeyEmissionOnNetuid'],
    ...['LastTxBlock', 'LastTxBlockChildKeyTake', 'LastTxBlockDelegateTake', 'TransactionKeyLastBlock'],
    ...['LastColdkeyHotkeyStakeBlock', 'NetworkRegistrationStartBlock', 'TaoInRefundDeploymentBlock'],
  ].map((item) => ({ item, none: false })),
  ...['PendingEpochAt', 'VotingPowerDisableAtBlock'].map((item) => ({ item, none: true })),
]

/** Rows of a subnet's further mechanisms have indices a multiple of this above the netuid. */
const MECHANISM_STRIDE = 4096

export interface RebasedBlocks {
  readonly writes: Writes
  /** Names of the items that were rewritten. */
  readonly items: readonly string[]
}

/** A state's block numbers for a chain that begins at block 0: how far a block lies before or behind `head` is kept where it lies behind;
 *  what lies before becomes 0 (1 where 0 says "none"). Registrations and updates of weights, whose order decides which weights
 *  count, keep their order: see `blockOrder`. */
export function rebaseBlocks(codec: StorageCodec, entries: Entries, head: number): RebasedBlocks {
  const items: string[] = []
  const writes: Writes = []
  const keep = (item: string, made: Writes): void => {
    if (made.length > 0) items.push(item)
    writes.push(...made)
  }
  for (const { item, none } of BLOCK_ITEMS) keep(item, rebaseItem(codec, entries, item, BigInt(head), none))
  keep('PendingChildKeys', rebaseCooldowns(codec, entries, BigInt(head)))
  const order = blockOrder(codec, entries)
  keep('LastUpdate', order.updates)
  keep('BlockAtRegistration', order.registrations)
  return { writes, items }
}

function* below(codec: StorageCodec, entries: Entries, item: string): Generator<[Hex, Hex]> {
  if (!codec.has(SUBTENSOR, item)) return
  const prefix = codec.prefix(SUBTENSOR, item)
  for (const entry of entries) if (entry[0].startsWith(prefix)) yield entry
}

function rebaseItem(codec: StorageCodec, entries: Entries, item: string, head: bigint, none: boolean): Writes {
  return [...below(codec, entries, item)].flatMap(([key, value]): Writes => {
    const block = codec.decode(SUBTENSOR, item, value)
    if (typeof block !== 'bigint' && typeof block !== 'number') return []
    if (none && BigInt(block) === 0n) return []
    return [[key, codec.encode(SUBTENSOR, item, rebased(BigInt(block), head, none ? 1n : 0n))]]
  })
}

/** Children that wait for a block. */
function rebaseCooldowns(codec: StorageCodec, entries: Entries, head: bigint): Writes {
  return [...below(codec, entries, 'PendingChildKeys')].flatMap(([key, value]): Writes => {
    const [children, cooldown] = codec.decode(SUBTENSOR, 'PendingChildKeys', value) as [unknown, bigint]
    return [[key, codec.encode(SUBTENSOR, 'PendingChildKeys', [children, rebased(cooldown, head, 0n)])]]
  })
}

const rebased = (block: bigint, head: bigint, least: bigint): bigint => (block - head > least ? block - head : least)

interface Placed {
  readonly block: bigint
  readonly kind: 'updated' | 'registered'
  level: number
}

/** An epoch leaves out weights that were set before their target was registered (LastUpdate <= BlockAtRegistration). The numbers become
 *  the fewest levels, from 0, that leave every such comparison as it was. */
function blockOrder(codec: StorageCodec, entries: Entries): { updates: Writes; registrations: Writes } {
  const subnets = new Map<number, Placed[]>()
  const place = (netuid: number, block: bigint, kind: Placed['kind']): Placed => {
    const placed = { block, kind, level: 0 }
    const list = subnets.get(netuid)
    if (list === undefined) subnets.set(netuid, [placed])
    else list.push(placed)
    return placed
  }
  const registrations = [...below(codec, entries, 'BlockAtRegistration')].map(([key, value]) => {
    const [netuid] = codec.decodeKey(SUBTENSOR, 'BlockAtRegistration', key)
    const block = codec.decode(SUBTENSOR, 'BlockAtRegistration', value) as bigint
    return { key, placed: place(Number(netuid), block, 'registered') }
  })
  const updates = [...below(codec, entries, 'LastUpdate')].map(([key, value]) => {
    const [index] = codec.decodeKey(SUBTENSOR, 'LastUpdate', key)
    const blocks = codec.decode(SUBTENSOR, 'LastUpdate', value) as bigint[]
    return { key, placed: blocks.map((block) => place(Number(index) % MECHANISM_STRIDE, block, 'updated')) }
  })
  for (const list of subnets.values()) {
    // At the same block the update counts as earlier.
    list.sort((a, b) => (a.block === b.block ? b.kind.localeCompare(a.kind) : a.block < b.block ? -1 : 1))
    let level = 0
    let last: Placed['kind'] = 'updated'
    for (const placed of list) {
      if (last === 'registered' && placed.kind === 'updated') level += 1
      last = placed.kind
      placed.level = level
    }
  }
  return {
    updates: updates.map(({ key, placed }) => [
      key,
      codec.encode(
        SUBTENSOR,
        'LastUpdate',
        placed.map(({ level }) => level),
      ),
    ]),
    registrations: registrations.map(({ key, placed }) => [
      key,
      codec.encode(SUBTENSOR, 'BlockAtRegistration', placed.level),
    ]),
  }
}
