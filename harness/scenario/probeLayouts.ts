import type { StorageDiff } from '../engine/engine.js'
import { layoutNotAsExpected, layoutNotProbed } from '../errors/runtime.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { chainState, type ChainState } from '../ledger/chainState.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import type { hookPlaces } from '../runtime/hooks.js'
import type { HookName } from '../runtime/policy.js'

/** What a probe left for one uid. */
type Found = Buffer

const probePrefix = `0x${Buffer.from(':epochdiff:probe').toString('hex')}`
/** Numbers of the hooks in a probe's key. */
const hookNumbers: Readonly<Record<HookName, number>> = { stake_weights: 0, epoch_rewards: 1 }

/** A diff without what a probing weave left in it (`runtime-patches/patch-module/src/probe.rs`). */
export function withoutProbes(diff: StorageDiff): StorageDiff {
  return diff.filter(([key]) => !key.startsWith(probePrefix))
}

/** Compares what the hooks of a trial epoch handed out with what the epoch itself stored: as many entries as uids, and every
 *  field that is stored too the same, or in the same proportions. The wasm has compared the hotkeys with `Keys` already.
 *  @param layouts of the hooks that the weave is at
 *  @throws E322 where they do not fit, E323 for a hook that the epoch did not come by */
export function checkLayouts(
  codec: StorageCodec,
  { netuid, post, storageDiff }: Pick<EpochRecord, 'netuid' | 'post' | 'storageDiff'>,
  layouts: readonly { readonly hook: HookName; readonly layout: string }[],
): void {
  const state = chainState(codec, post)
  const uids = Number(state.int('SubnetworkN', netuid))
  for (const { hook, layout } of layouts) {
    const found = probesOf(storageDiff, hook, netuid)
    if (found.length === 0 && uids > 0) throw layoutNotProbed({ hook, netuid })
    const refuse = (reason: string) => layoutNotAsExpected({ hook, layout, netuid, found: reason })
    if (found.length !== uids) throw refuse(`${found.length} entries for ${uids} uids`)
    const [wrong] = comparisons[layout as keyof typeof comparisons](state, netuid, found)
    if (wrong !== undefined) throw refuse(wrong)
  }
}

/** In the order of the uids. */
function probesOf(diff: StorageDiff, hook: HookName, netuid: number): Found[] {
  const head = Buffer.from(Uint16Array.of(hookNumbers[hook], netuid).buffer).toString('hex')
  return diff
    .flatMap(([key, value]) => {
      if (!key.startsWith(`${probePrefix}${head}`) || value === null) return []
      const uid = Buffer.from(key.slice(-4), 'hex').readUInt16LE()
      return [{ uid, bytes: Buffer.from(value.slice(2), 'hex') }]
    })
    .sort((a, b) => a.uid - b.uid)
    .map(({ bytes }) => bytes)
}

type Compare = (state: ChainState, netuid: number, found: readonly Found[]) => string[]
type LayoutName = (typeof hookPlaces)[HookName][number]['layout']['name']

const comparisons: Readonly<Record<LayoutName, Compare>> = {
  vectors: (state, netuid, found) => [
    ...stakeShares(state, netuid, found.map(total)),
    // Root TAO counts with a weight of at most 1, less what is rounded.
    ...found.flatMap((bytes, uid) => {
      const [alpha, tao] = [stakeAt(bytes, 16), stakeAt(bytes, 32)]
      const fits = alpha >= 0n && tao >= 0n && total(bytes) + ONE_RAO >= alpha && total(bytes) <= alpha + tao + ONE_RAO
      return fits ? [] : [`uid ${uid} has a total that is not between its alpha and alpha with root TAO`]
    }),
  ],

  slice: (state, netuid, found) => stakeShares(state, netuid, found.map(total)),

  rows: (state, netuid, found) =>
    joinsMechanisms(state, netuid)
      ? []
      : [
          ...proportions(
            state,
            'Incentive',
            netuid,
            found.map((bytes) => bytes.readBigUInt64LE(64)),
          ),
          ...proportions(
            state,
            'Dividends',
            netuid,
            found.map((bytes) => bytes.readBigUInt64LE(72)),
          ),
        ],

  terms: (state, netuid, found) => {
    if (joinsMechanisms(state, netuid)) return []
    const u16 = (offset: number) => (bytes: Found) => bytes.readUInt16LE(32 + offset)
    const flag = (offset: number) => (bytes: Found) => bytes[32 + offset] === 1
    return [
      ...proportions(
        state,
        'Incentive',
        netuid,
        found.map((bytes) => bytes.readBigUInt64LE(32 + 8)),
      ),
      ...proportions(
        state,
        'Dividends',
        netuid,
        found.map((bytes) => bytes.readBigUInt64LE(32)),
      ),
      ...same(state, 'Dividends', netuid, found.map(u16(48))),
      ...same(state, 'Incentive', netuid, found.map(u16(50))),
      ...same(state, 'StakeWeight', netuid, found.map(u16(52))),
      ...same(state, 'Consensus', netuid, found.map(u16(54))),
      ...same(state, 'ValidatorTrust', netuid, found.map(u16(56))),
      ...same(state, 'Active', netuid, found.map(flag(58))),
      ...same(state, 'ValidatorPermit', netuid, found.map(flag(59))),
    ]
  },
}

/** Whether the epoch is of several mechanisms: then what is stored are joined numbers, each mechanism's apart from what is paid. */
const joinsMechanisms = (state: ChainState, netuid: number) => state.int('MechanismCountCurrent', netuid) > 1n

const ONE_RAO = 1n << 64n

/** I64F64 as it lies in memory: bits, 2^64 = one rao. */
function stakeAt(bytes: Found, offset: number): bigint {
  return (bytes.readBigInt64LE(offset + 8) << 64n) | bytes.readBigUInt64LE(offset)
}

const total = (bytes: Found) => stakeAt(bytes, 0)

/** StakeWeight is the share in the stake that reaches the threshold; what it leaves out is not known here, so a share lies
 *  between that of all stake and that of the stake with a share. */
function stakeShares(state: ChainState, netuid: number, totals: readonly bigint[]): string[] {
  const stored = state.list('StakeWeight', netuid).map(Number)
  const sum = (counts: (uid: number) => boolean) =>
    totals.reduce((all, bits, uid) => (counts(uid) ? all + bits : all), 0n)
  const [all, counted] = [sum(() => true), sum((uid) => (stored[uid] ?? 0) > 0)]
  if (counted <= 0n) return totals.some((bits) => bits < 0n) ? ['a stake is negative'] : []
  return totals.flatMap((bits, uid) => {
    const share = stored[uid] ?? 0
    const least = Number((bits * 65_535n) / all) - 1
    const most = Number((bits * 65_535n) / counted) + 1
    const fits = bits >= 0n && share <= most && (share === 0 || share >= least)
    return fits
      ? []
      : [`uid ${uid} has a stake for a StakeWeight of ${least + 1} to ${most - 1}, and ${share} is stored`]
  })
}

/** Amounts are in proportion to what an item stores as parts of 65535; both are rounded down. */
function proportions(state: ChainState, item: string, netuid: number, amounts: readonly bigint[]): string[] {
  const stored = state.list(item, netuid).map(Number)
  const sum = amounts.reduce((total, amount) => total + amount, 0n)
  // Without incentive or dividends the epoch pays by stake, or nobody.
  if (sum === 0n || stored.every((parts) => parts === 0)) return []
  const tolerance = 2 + Number((65_535n * BigInt(amounts.length)) / sum)
  return amounts.flatMap((amount, uid) => {
    const parts = Number((amount * 65_535n) / sum)
    const expected = stored[uid] ?? 0
    return Math.abs(parts - expected) <= tolerance
      ? []
      : [`uid ${uid} has ${parts} of 65535 parts of the pool, and its ${item} is ${expected}`]
  })
}

function same(state: ChainState, item: string, netuid: number, values: readonly (number | boolean)[]): string[] {
  const stored = state.list(item, netuid)
  return values.flatMap((value, uid) =>
    Number(value) === Number(stored[uid] ?? 0)
      ? []
      : [`uid ${uid} has ${String(value)}, and its ${item} is ${String(stored[uid])}`],
  )
}
