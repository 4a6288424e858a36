import type { StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'

/** A counter that every block adds to: where it stands in its value, little-endian. */
interface Counter {
  readonly path: readonly [pallet: string, item: string]
  readonly offset: number
  readonly bytes: number
}

const counter = (path: string, bytes: number, offset = 0): Counter => {
  const [pallet = '', item = ''] = path.split('.')
  return { path: [pallet, item], offset, bytes }
}

/** What a block adds an amount to: skipped blocks are credited by the amount that the one before them added. */
const COUNTERS: readonly Counter[] = [
  counter('SubtensorModule.PendingServerEmission', 8),
  counter('SubtensorModule.PendingValidatorEmission', 8),
  counter('SubtensorModule.PendingRootAlphaDivs', 8),
  counter('SubtensorModule.PendingOwnerCut', 8),
  // Up to spec 342.
  counter('SubtensorModule.PendingEmission', 8),
  counter('SubtensorModule.PendingRootDivs', 8),
  counter('SubtensorModule.PendingAlphaSwapped', 8),
  counter('SubtensorModule.PendingNodeValidatorEmissions', 8),
  counter('SubtensorModule.BlocksSinceLastStep', 8),
  counter('SubtensorModule.SubnetAlphaOut', 8),
  counter('SubtensorModule.SubnetAlphaIn', 8),
  counter('SubtensorModule.SubnetTAO', 8),
  counter('SubtensorModule.SubnetProtocolAlpha', 8),
  counter('SubtensorModule.SubnetProtocolFlow', 8),
  counter('SubtensorModule.SubnetVolume', 16),
  counter('SubtensorModule.TotalIssuance', 8),
  counter('SubtensorModule.TotalStake', 8),
  counter('AlphaAssets.TotalAlphaIssuance', 8),
  counter('AlphaAssets.AlphaRecycled', 8),
  counter('Balances.TotalIssuance', 8),
  // Free balance, behind nonce, consumers, providers and sufficients.
  counter('System.Account', 8, 16),
]

/** What the next block overwrites without looking at it, and the frame's own bookkeeping: skipping it loses nothing. */
const OVERWRITTEN: readonly string[] = [
  ...['Number', 'ParentHash', 'BlockHash', 'Digest', 'Events', 'EventCount', 'BlockWeight', 'ExecutionPhase'].map(
    (item) => `System.${item}`,
  ),
  'System.BlockSize',
  ...['Aura.CurrentSlot', 'Babe.CurrentSlot', 'Babe.Initialized', 'Babe.Lateness', 'Timestamp.Now'],
  ...['BlockEmission', 'SubnetAlphaInEmission', 'SubnetAlphaOutEmission', 'SubnetTaoInEmission', 'SubnetExcessTao'].map(
    (item) => `SubtensorModule.${item}`,
  ),
  'SubtensorModule.SubnetRootSellTao',
  'SubtensorModule.RegistrationsThisBlock',
]

const swap = (item: string): string => `Swap.${item}`

/** What a block changes by a recurrence or by chance, so that no amount could stand for many blocks. */
const NOT_CREDITED: readonly string[] = [
  ...['SubnetMovingPrice', 'RootProp', 'Burn', 'AlphaMapLastKey', 'AlphaV2MapLastKey', 'NumStakingColdkeys'],
  ...[
    'StakingColdkeys',
    'StakingColdkeysByIndex',
    'StakingHotkeys',
    'RootClaimed',
    'RootClaimable',
    'TotalHotkeyAlpha',
  ],
  ...['TotalHotkeySharesV2', 'TotalHotkeyShares', 'AlphaV2', 'Alpha', 'TimelockedWeightCommits', 'Weights'],
  ...['LastEpochBlock', 'PendingEpochAt', 'SubnetEpochIndex', 'RegistrationsThisInterval'],
]
  .map((item) => `SubtensorModule.${item}`)
  .concat(['SwapBalancer', 'PalSwapInitialized', 'AlphaSqrtPrice', 'CurrentTick', 'CurrentLiquidity'].map(swap))
  .concat(['Ticks', 'Positions', 'TickIndexBitmapWords', 'FeeGlobalTao', 'FeeGlobalAlpha'].map(swap))
  .concat(['RandomnessCollectiveFlip.RandomMaterial'])

/** `:extrinsic_index`, `:intrablock_entropy`: set anew by every block. */
const WELL_KNOWN = '0x3a'
const ITEM_PREFIX = 2 + 64

/** Writes that stand for skipped blocks. */
export interface Credit {
  readonly writes: StorageDiff
  /** Items that were credited, "Pallet.Item". */
  readonly credited: readonly string[]
  /** Items that a block changes and that keep the value of the block before the skipped ones. */
  readonly notReplayed: readonly string[]
}

/** Credits skipped blocks by what one block did.
 *  @param diff what the block changed
 *  @param before the counters' values before it: read of each key of `counterKeys(diff)`; `null` where absent */
export function creditBlocks(
  codec: StorageCodec,
  diff: StorageDiff,
  before: ReadonlyMap<Hex, Hex | null>,
  skipped: number,
): Credit {
  const counters = byPrefix(codec, COUNTERS)
  const overwritten = new Set(prefixes(codec, OVERWRITTEN).keys())
  const known = prefixes(codec, NOT_CREDITED)
  const credited = new Set<string>()
  const notReplayed = new Set<string>()
  const writes: [Hex, Hex | null][] = []
  for (const [key, value] of diff) {
    const prefix = key.slice(0, ITEM_PREFIX)
    const found = counters.get(prefix)
    if (found !== undefined && value !== null) {
      writes.push([key, advance(value, before.get(key) ?? null, found, skipped)])
      credited.add(found.path.join('.'))
    } else if (!overwritten.has(prefix) && !key.startsWith(WELL_KNOWN)) {
      notReplayed.add(known.get(prefix) ?? `storage ${prefix}`)
    }
  }
  return { writes, credited: [...credited].sort(), notReplayed: [...notReplayed].sort() }
}

/** Keys among those a block changed whose value before it `creditBlocks` needs. */
export function counterKeys(codec: StorageCodec, diff: StorageDiff): Hex[] {
  const counters = byPrefix(codec, COUNTERS)
  return diff.map(([key]) => key).filter((key) => counters.has(key.slice(0, ITEM_PREFIX)))
}

function byPrefix(codec: StorageCodec, counters: readonly Counter[]): ReadonlyMap<string, Counter> {
  return new Map(
    counters.filter(({ path }) => codec.has(...path)).map((found) => [codec.prefix(...found.path), found] as const),
  )
}

function prefixes(codec: StorageCodec, paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    paths
      .map((path) => [path.split('.') as [string, string], path] as const)
      .filter(([path]) => codec.has(...path))
      .map(([path, name]) => [codec.prefix(...path), name] as const),
  )
}

/** Adds (after - before) as many times as blocks are skipped, modulo the counter's width: signed counters come out right. */
function advance(after: Hex, before: Hex | null, { offset, bytes }: Counter, skipped: number): Hex {
  const value = Buffer.from(after.slice(2), 'hex')
  const earlier = before === null ? Buffer.alloc(value.length) : Buffer.from(before.slice(2), 'hex')
  const now = integer(value, offset, bytes)
  const then = integer(earlier, offset, bytes)
  const next = BigInt.asUintN(8 * bytes, now + (now - then) * BigInt(skipped))
  Buffer.from(next.toString(16).padStart(2 * bytes, '0'), 'hex')
    .reverse()
    .copy(value, offset)
  return `0x${value.toString('hex')}`
}

const integer = (value: Buffer, offset: number, bytes: number): bigint =>
  BigInt(
    `0x${Buffer.from(value.subarray(offset, offset + bytes))
      .reverse()
      .toString('hex')}`,
  )
