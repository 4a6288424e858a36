import type { Hex } from '../harness/fork/forkState.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'
import { totalOf } from './rewardCase.js'

/** A second implementation of what an epoch pays each account, for a state with child keys, nominators and root stake: in exact integers,
 *  written from the specification of the chain (`claimed`: root stakers get alpha that they claim, spec 425) and from the
 *  source of specs 293 and 300 (`sold`: root's alpha is sold in every block, its stakers get TAO). It shares nothing with what it checks.
 *  Left out: leases, locks, several mechanisms, shares of the first version in the newer layout. */

const SM = 'SubtensorModule'
const ROOT = 0
const U64 = (1n << 64n) - 1n

// A number x is the integer x * 2^32, rounded down after each step.
const ONE = 1n << 32n
const mul = (a: bigint, b: bigint) => (a * b) >> 32n
const div = (a: bigint, b: bigint) => (b === 0n ? 0n : (a << 32n) / b)
const less = (a: bigint, b: bigint) => (a > b ? a - b : 0n)
const ofU64 = (part: bigint) => (part << 32n) / U64
const ofU16 = (part: bigint) => (part << 32n) / 65_535n

/** SubtensorModule's storage, read entry by entry. */
export function openState(codec: StorageCodec, entries: ReadonlyMap<Hex, Hex>) {
  const stored = (item: string, ...args: readonly unknown[]) => entries.get(codec.key(SM, item, ...args)) ?? null
  const read = (item: string, ...args: readonly unknown[]) => codec.decode(SM, item, stored(item, ...args))
  return {
    codec,
    read,
    knows: (item: string) => codec.has(SM, item),
    has: (item: string, ...args: readonly unknown[]) => stored(item, ...args) !== null,
    int: (item: string, ...args: readonly unknown[]) => BigInt(read(item, ...args) as bigint | number),
    text: (item: string, ...args: readonly unknown[]) => String(read(item, ...args)),
    /** Arguments of an item's entries. */
    argsOf: (item: string) => {
      const prefix = codec.prefix(SM, item)
      return [...entries.keys()].filter((key) => key.startsWith(prefix)).map((key) => codec.decodeKey(SM, item, key))
    },
  }
}
export type State = ReturnType<typeof openState>

const isSold = (state: State) => state.knows('PendingRootDivs')

/** A hotkey's stake on a subnet. */
export interface StakePool {
  readonly totalRao: bigint
  /** By coldkey, in steps of 2^-64 rao. */
  readonly steps: ReadonlyMap<string, bigint>
}

/** By hotkey. */
export function stakePools(state: State, netuid: number): Map<string, StakePool> {
  const shares = state.knows('AlphaV2') ? 'AlphaV2' : 'Alpha'
  const denominators = shares === 'Alpha' ? 'TotalHotkeyShares' : 'TotalHotkeySharesV2'
  const held = new Map<string, Map<string, bigint>>()
  for (const [hotkey, coldkey, subnet] of state.argsOf(shares)) {
    if (subnet !== netuid) continue
    const [totalRao, whole] = [state.int('TotalHotkeyAlpha', hotkey, netuid), state.read(denominators, hotkey, netuid)]
    const steps = held.get(String(hotkey)) ?? new Map<string, bigint>()
    const share = state.read(shares, hotkey, coldkey, netuid)
    steps.set(String(coldkey), ((totalRao << 64n) * units(share)) / units(whole))
    held.set(String(hotkey), steps)
  }
  const pools = new Map<string, StakePool>()
  for (const [hotkey, subnet] of state.argsOf('TotalHotkeyAlpha')) {
    if (subnet !== netuid) continue
    const totalRao = state.int('TotalHotkeyAlpha', hotkey, netuid)
    pools.set(String(hotkey), { totalRao, steps: held.get(String(hotkey)) ?? new Map<string, bigint>() })
  }
  return pools
}

/** A share in a unit that is the same for all: bits, or of a decimal float 10^-60. */
function units(share: unknown): bigint {
  if (typeof share !== 'object' || share === null) return share as bigint
  const { mantissa, exponent } = share as { mantissa: bigint; exponent: bigint | number }
  return mantissa * 10n ** (BigInt(exponent) + 60n)
}

/** What waits for the epoch: what waited before its block, and what the block adds. */
export interface Drained {
  /** What the epoch divides. */
  readonly epochRao: bigint
  readonly minersRao: bigint
  readonly validatorsRao: bigint
  /** Of root, in alpha or, where that is sold, in TAO. */
  readonly rootRao: bigint
  readonly ownerCutRao: bigint
}

/** @param after the state after the block: it tells what the block put into the pools, and what the pool paid for root's alpha */
export function drained(before: State, after: State, netuid: number): Drained {
  const waits = (item: string) => before.int(item, netuid)
  const alpha = after.int('SubnetAlphaOutEmission', netuid) << 32n
  const bought = before.knows('SubnetProtocolAlpha')
    ? after.int('SubnetProtocolAlpha', netuid) - waits('SubnetProtocolAlpha')
    : 0n
  const issued =
    waits('SubnetAlphaIn') +
    waits('SubnetAlphaOut') +
    after.int('SubnetAlphaInEmission', netuid) +
    after.int('SubnetAlphaOutEmission', netuid)
  const cuts = !before.knows('OwnerCutEnabled') || before.read('OwnerCutEnabled', netuid) === true
  const cut = cuts ? mul(alpha, ofU16(before.int('SubnetOwnerCut'))) : 0n
  const rest = alpha - cut
  const rootTao = mul(before.int('SubnetTAO', ROOT) << 32n, ofU64(before.int('TaoWeight')))
  const root = mul(mul(div(rootTao, rootTao + (issued << 32n)), rest), ONE / 2n)
  const ownerCutRao = waits('PendingOwnerCut') + (cut >> 32n)
  if (isSold(before)) {
    const soldRao = waits('PendingAlphaSwapped') + (root >> 32n)
    const epochRao = waits('PendingEmission') + (less(rest, root) >> 32n) + soldRao
    const paid = waits('SubnetTAO') + after.int('SubnetTaoInEmission', netuid) - after.int('SubnetTAO', netuid)
    return {
      epochRao,
      minersRao: epochRao / 2n,
      validatorsRao: less(epochRao / 2n, soldRao),
      rootRao: waits('PendingRootDivs') + paid,
      ownerCutRao,
    }
  }
  if (bought < 0n) throw new Error('the protocol lost alpha')
  const server = mul(rest, ONE / 2n)
  const minersRao = waits('PendingServerEmission') + (server >> 32n)
  const validatorsRao = waits('PendingValidatorEmission') + (less(rest - server, root) >> 32n)
  const rootRao = waits('PendingRootAlphaDivs') + (pricesExceedOne(before) ? root >> 32n : 0n)
  return { epochRao: minersRao + validatorsRao + rootRao, minersRao, validatorsRao, rootRao, ownerCutRao }
}

/** Else root's alpha is recycled. */
function pricesExceedOne(state: State): boolean {
  const netuids = state.argsOf('FirstEmissionBlockNumber').map(([netuid]) => netuid)
  return totalOf(netuids.map((netuid) => state.int('SubnetMovingPrice', netuid))) > ONE
}

/** Stake weight of a hotkey in steps of 2^-64 rao. */
export function stakeSteps(state: State, netuid: number, hotkey: string): bigint {
  const inherited = (base: number) => {
    const own = stakeOf(state, hotkey, base)
    const out = totalOf(links(state, 'ChildKeys', hotkey, netuid).map(({ part }) => mul(own, part)))
    const parents = links(state, 'ParentKeys', hotkey, netuid)
    return (less(own, out) + totalOf(parents.map((each) => mul(stakeOf(state, each.hotkey, base), each.part)))) >> 32n
  }
  return (inherited(netuid) << 64n) + ((inherited(ROOT) * ofU64(state.int('TaoWeight'))) << 32n)
}

const stakeOf = (state: State, hotkey: string, netuid: number) => state.int('TotalHotkeyAlpha', hotkey, netuid) << 32n

function links(state: State, item: 'ChildKeys' | 'ParentKeys', hotkey: string, netuid: number) {
  const list = state.read(item, hotkey, netuid) as readonly (readonly [part: bigint, hotkey: string])[]
  return list.map(([part, other]) => ({ part: ofU64(BigInt(part)), hotkey: other }))
}

/** One stake: to a coldkey, or to all that hold stake at the hotkey in proportion. */
export interface Payment {
  readonly what: 'owner cut' | 'incentive' | 'take' | 'dividend' | 'root take' | 'root dividend'
  readonly netuid: number
  readonly hotkey: string
  readonly coldkey?: string
  readonly rao: bigint
}

export interface Payout {
  /** In order. */
  readonly payments: readonly Payment[]
  /** Alpha of root that can be claimed at a hotkey. */
  readonly claimable: ReadonlyMap<string, bigint>
}

/** What a uid was granted by the epoch. */
export interface Grant {
  readonly hotkey: string
  readonly minerRao: bigint
  readonly validatorRao: bigint
}

/** What each account is paid of what an epoch granted.
 *  @param held what waits, after the rao that policies moved */
export function independentPayout(state: State, netuid: number, grants: readonly Grant[], held: Drained): Payout {
  const noIncentive = grants.every(({ minerRao }) => minerRao === 0n)
  const validatorsRao = held.validatorsRao + (noIncentive ? held.minersRao : 0n)
  const dividends = new Map<string, bigint>()
  for (const { hotkey, validatorRao } of grants) {
    for (const [account, rao] of withParents(state, netuid, hotkey, validatorRao)) {
      dividends.set(account, (dividends.get(account) ?? 0n) + rao)
    }
  }
  const parts = [...dividends].map(([hotkey, rao]) => {
    const root = mul(stakeOf(state, hotkey, ROOT), ofU64(state.int('TaoWeight')))
    const onRoot = mul(rao << 32n, div(root, stakeOf(state, hotkey, netuid) + root))
    return { hotkey, onRoot, onSubnet: (rao << 32n) - onRoot }
  })
  const sums = { root: totalOf(parts.map(({ onRoot }) => onRoot)), subnet: totalOf(parts.map((each) => each.onSubnet)) }
  const payments = [...ownerCut(state, netuid, held.ownerCutRao), ...incentives(state, netuid, grants)]
  const claimable = new Map<string, bigint>()
  const divide = (hotkey: string, pay: bigint) => {
    const take = mul(ofU16(state.int('Delegates', hotkey)), pay)
    return { coldkey: state.text('Owner', hotkey), takeRao: take >> 32n, restRao: (pay - take) >> 32n }
  }
  for (const { hotkey, onSubnet } of parts) {
    const { coldkey, takeRao, restRao } = divide(hotkey, mul(validatorsRao << 32n, div(onSubnet, sums.subnet)))
    payments.push({ what: 'take', netuid, hotkey, coldkey, rao: takeRao })
    payments.push({ what: 'dividend', netuid, hotkey, rao: restRao })
  }
  for (const { hotkey, onRoot } of parts) {
    const { coldkey, takeRao, restRao } = divide(hotkey, mul(held.rootRao << 32n, div(onRoot, sums.root)))
    const sold = isSold(state)
    payments.push({ what: 'root take', netuid: sold ? ROOT : netuid, hotkey, coldkey, rao: takeRao })
    if (sold) payments.push({ what: 'root dividend', netuid: ROOT, hotkey, rao: restRao })
    else if (restRao > state.int('TotalHotkeyAlpha', hotkey, ROOT)) {
      payments.push({ what: 'root dividend', netuid, hotkey, coldkey, rao: restRao })
    } else claimable.set(hotkey, restRao)
  }
  return { payments: payments.filter(({ rao }) => rao > 0n), claimable }
}

/** A validator's amount among its parents and itself. */
function withParents(state: State, netuid: number, hotkey: string, validatorRao: bigint): [string, bigint][] {
  const weight = ofU64(state.int('TaoWeight'))
  const contribution = (account: string, part: bigint) =>
    mul(stakeOf(state, account, netuid), part) + mul(mul(stakeOf(state, account, ROOT), part), weight)
  const kept = links(state, 'ChildKeys', hotkey, netuid).reduce((left, { part }) => less(left, part), ONE)
  const parents = links(state, 'ParentKeys', hotkey, netuid).map(({ hotkey: parent, part }) => {
    return { parent, contributed: contribution(parent, part) }
  })
  const own = (contribution(hotkey, kept) >> 32n) << 32n
  const total = own + totalOf(parents.map(({ contributed }) => contributed))
  const take = ofU16(childkeyTake(state, netuid, hotkey))
  const burn = state.knows('CKBurn') ? ofU64(state.int('CKBurn')) : 0n
  let [left, collected] = [validatorRao << 32n, 0n]
  const paid = parents.map(({ parent, contributed }): [string, bigint] => {
    const earned = mul(validatorRao << 32n, div(contributed, total))
    left = less(left, earned)
    if (state.text('Owner', parent) === state.text('Owner', hotkey)) return [parent, earned >> 32n]
    const [burned, taken] = [mul(burn, earned), mul(take, earned)]
    collected += taken
    return [parent, less(less(earned, burned), taken) >> 32n]
  })
  return [...paid, [hotkey, (left + collected) >> 32n]]
}

function childkeyTake(state: State, netuid: number, hotkey: string): bigint {
  const own = state.int('ChildkeyTake', hotkey, netuid)
  if (isSold(state)) return own
  const least = [state.int('MinChildkeyTake')]
  if (state.knows('MinChildkeyTakePerSubnet')) least.push(state.int('MinChildkeyTakePerSubnet', netuid))
  return least.reduce((largest, each) => (each > largest ? each : largest), own)
}

function ownerCut(state: State, netuid: number, rao: bigint): Payment[] {
  if (!state.has('SubnetOwner', netuid) || !state.has('SubnetOwnerHotkey', netuid)) return []
  const [hotkey, coldkey] = [state.text('SubnetOwnerHotkey', netuid), state.text('SubnetOwner', netuid)]
  return [{ what: 'owner cut', netuid, hotkey, coldkey, rao }]
}

/** Those of the owner's hotkeys are withheld: of all that are registered, or, where root is sold, of the one that is the subnet's. */
function incentives(state: State, netuid: number, grants: readonly Grant[]): Payment[] {
  const withheld = new Set([state.text('SubnetOwnerHotkey', netuid)])
  if (!isSold(state)) {
    const owned = state.read('OwnedHotkeys', state.text('SubnetOwner', netuid)) as readonly string[]
    for (const hotkey of owned) withheld.add(hotkey)
  }
  return grants
    .filter(({ hotkey }) => !withheld.has(hotkey))
    .map(({ hotkey, minerRao }) => {
      const coldkey = state.text('Owner', hotkey)
      const elsewhere = state.knows('AutoStakeDestination') && state.has('AutoStakeDestination', coldkey, netuid)
      const to = elsewhere ? state.text('AutoStakeDestination', coldkey, netuid) : hotkey
      return { what: 'incentive', netuid, hotkey: to, coldkey, rao: minerRao }
    })
}

/** The stakes after the payments. */
export function paidInto(pools: ReadonlyMap<string, StakePool>, payments: readonly Payment[]): Map<string, StakePool> {
  const after = new Map(pools)
  for (const { hotkey, coldkey, rao } of payments) {
    const { totalRao, steps } = after.get(hotkey) ?? { totalRao: 0n, steps: new Map<string, bigint>() }
    const grown =
      coldkey === undefined
        ? [...steps].map(([account, own]): [string, bigint] => [account, (own * (totalRao + rao)) / totalRao])
        : [...steps, [coldkey, (steps.get(coldkey) ?? 0n) + (rao << 64n)] as const]
    after.set(hotkey, { totalRao: totalRao + rao, steps: new Map(grown) })
  }
  return after
}
