import { payoutUnexplained } from '../errors/replay.js'
import type { ChainState } from './chainState.js'
import { claimableRest, recordsRootApart } from './claimable.js'
import { ofU16, ONE } from './fixedPoint.js'
import type { Incentives } from './incentives.js'
import type { Role } from './ledger.js'
import { sharePools, valueOf, type SharePool } from './sharePool.js'
import { sumOfBounds, takeBounds, withinBounds, type Bounds } from './take.js'

export interface Payout {
  readonly hotkey: string
  readonly coldkey: string
  readonly role: Role
  readonly alphaRao: bigint
}

/** One entry for each hotkey, coldkey and role, in the order they first appear. */
export function merged(payouts: readonly Payout[]): readonly Payout[] {
  const byAccount = new Map<string, Payout>()
  for (const payout of payouts) {
    const account = `${payout.hotkey} ${payout.coldkey} ${payout.role}`
    const earlier = byAccount.get(account)?.alphaRao ?? 0n
    byAccount.set(account, { ...payout, alphaRao: earlier + payout.alphaRao })
  }
  return [...byAccount.values()]
}

export interface Payouts {
  readonly payouts: readonly Payout[]
  /** What the state was credited: increase of TotalHotkeyAlpha without kept claims, plus claimable root dividends. */
  readonly creditedRao: bigint
  /** Whether anybody could be paid from the validators' and from the root pool. */
  readonly validatorsPaid: boolean
  readonly rootPaid: boolean
  /** Of claimable root dividends and their takes, at least. */
  readonly rootPaidRao: bigint
  /** Hotkeys that dividends were computed for, zero amounts included. */
  readonly dividendHotkeys: number
}

export interface PayoutInput {
  readonly pre: ChainState
  readonly post: ChainState
  readonly netuid: number
  readonly block: number
  readonly isRegistered: (hotkey: string) => boolean
  /** Owner cut drained by the epoch, rao. */
  readonly ownerCutRao: bigint
  readonly incentives: Incentives
  readonly keptClaims: ReadonlyMap<string, ReadonlyMap<string, bigint>>
}

const EMPTY: ReadonlyMap<string, bigint> = new Map()
const NO_POOL: SharePool = { totalRao: 0n, denominator: { mantissa: 0n, exponent: 0 }, shares: new Map() }
const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, rao) => total + rao, 0n)

/** Dividends after take by hotkey; a zero entry says that the hotkey was paid zero. */
function dividends(post: ChainState, item: string, netuid: number): ReadonlyMap<string, bigint> {
  return new Map([...post.below(item, netuid)].map(([[hotkey = '']]) => [hotkey, post.int(item, netuid, hotkey)]))
}

/** Who was paid what in an epoch, read from the states before and after its block.
 *
 *  A hotkey's stake V grows by what it is paid: V_post - V_pre = incentive + take + dividends + owner cut (+ claims kept).
 *  Dividends after take are recorded, incentives are in the epoch's event, so the take is what is left, and it must lie
 *  within the bounds that the dividends leave for it. If it does not (a policy at `epoch_rewards` paid another incentive
 *  than the epoch's), the take is the lower bound and the incentive is what is left: exact but for one rao between the two at
 *  rates below one half, and both go to the hotkey's owner. A hotkey outside of the dividends has no take: exact.
 *
 *  Roles: the whole take, on root dividends too, is the validator's; dividends are divided by the growth of each coldkey's
 *  share; what rounding leaves over, and dividends of a pool without shares, count as the hotkey owner's. Claimable root
 *  dividends are divided by root stake before the epoch; a root dividend that falls back to the owner counts as root, too.
 *
 *  @throws E511 when alpha moved that none of this explains */
export function payouts(input: PayoutInput): Payouts {
  const { pre, post, netuid, block, incentives, keptClaims } = input
  const before = sharePools(pre, netuid)
  const after = sharePools(post, netuid)
  const alphaDividends = dividends(post, 'AlphaDividendsPerSubnet', netuid)
  const apart = recordsRootApart(post)
  const rootDividends = apart ? dividends(post, 'RootAlphaDividendsPerSubnet', netuid) : alphaDividends
  const anyRoot = [...rootDividends.values()].some((rao) => rao > 0n)
  const rootPools = anyRoot ? sharePools(pre, 0) : new Map<string, SharePool>()
  const owner =
    post.has('SubnetOwner', netuid) && post.has('SubnetOwnerHotkey', netuid)
      ? { hotkey: post.account('SubnetOwnerHotkey', netuid), coldkey: post.account('SubnetOwner', netuid) }
      : undefined

  const paid: Payout[] = []
  let creditedRao = 0n
  let validatorsPaid = false
  let rootPaid = false
  let rootPaidRao = 0n

  const payHotkey = (hotkey: string): void => {
    const account = post.account('Owner', hotkey)
    const pay = (coldkey: string, role: Role, alphaRao: bigint) => {
      if (alphaRao > 0n) paid.push({ hotkey, coldkey, role, alphaRao })
    }
    const preTotal = before.get(hotkey)?.totalRao ?? 0n
    const growth = (after.get(hotkey)?.totalRao ?? 0n) - preTotal
    const kept = keptClaims.get(hotkey) ?? EMPTY
    const moved = incentives.movedTo.get(hotkey) ?? EMPTY
    const ownerCut = owner?.hotkey === hotkey ? input.ownerCutRao : 0n
    const recorded = alphaDividends.get(hotkey) ?? 0n
    const rate = ofU16(post.int('Delegates', hotkey))
    const earns = input.isRegistered(hotkey) && !incentives.withheld.has(hotkey) && !incentives.movedAway.has(hotkey)
    const computed = earns ? (incentives.computedRao.get(hotkey) ?? 0n) : 0n
    const directRao = growth - sum(kept.values()) - sum(moved.values()) - ownerCut
    const rootRest = apart
      ? (rootDividends.get(hotkey) ?? 0n)
      : claimableRest({
          pre,
          post,
          netuid,
          hotkey,
          bothRao: recorded,
          takenRao: (rootRao) => directRao - computed - (recorded - rootRao),
          rate,
        })
    if (rootRest === undefined) {
      const reason = `its dividends on the subnet and for root are recorded as one amount, ${recorded} rao`
      throw payoutUnexplained({ netuid, block, account: hotkey, reason })
    }
    const rest = apart ? recorded : recorded - rootRest
    const rootStake = pre.int('TotalHotkeyAlpha', hotkey, 0)
    // More than the whole root stake is not made claimable but staked to the hotkey's owner.
    const fallsBack = rootRest > rootStake
    const unknown = directRao - rest - (fallsBack ? rootRest : 0n)

    const bounds: Bounds = sumOfBounds(
      alphaDividends.has(hotkey) ? takeBounds(rest, rate) : { lowRao: 0n, highRao: 0n },
      rootDividends.has(hotkey) ? takeBounds(rootRest, rate) : { lowRao: 0n, highRao: 0n },
    )
    const { take, incentive } = splitUnknown(unknown, computed, earns, bounds) ?? {}
    if (take === undefined || incentive === undefined) {
      const expected = `${computed} rao of incentive and a take of ${bounds.lowRao} to ${bounds.highRao ?? 'any'}`
      throw payoutUnexplained({ netuid, block, account: hotkey, reason: `${unknown} rao instead of ${expected}` })
    }

    pay(owner?.coldkey ?? '', 'owner', ownerCut)
    pay(account, 'miner', incentive)
    for (const [coldkey, rao] of moved) pay(coldkey, 'miner', rao)
    if (fallsBack) pay(account, 'root', rootRest)
    else shareRootDividends(rootPools.get(hotkey) ?? NO_POOL, rootRest, account, pay)

    const direct = new Map(moved)
    for (const [coldkey, rao] of kept) direct.set(coldkey, (direct.get(coldkey) ?? 0n) + rao)
    if (ownerCut > 0n && owner !== undefined) direct.set(owner.coldkey, (direct.get(owner.coldkey) ?? 0n) + ownerCut)
    const nominators = nominatorParts(
      before.get(hotkey) ?? NO_POOL,
      after.get(hotkey) ?? NO_POOL,
      account,
      direct,
      rest,
    )
    const nominated = sum(nominators.values())
    if (nominated > rest) {
      const reason = `its nominators gained ${nominated} rao of ${rest} rao of dividends`
      throw payoutUnexplained({ netuid, block, account: hotkey, reason })
    }
    for (const [coldkey, rao] of nominators) pay(coldkey, 'nominator', rao)
    pay(account, 'validator', take + rest - nominated)

    creditedRao += growth - sum(kept.values()) + (fallsBack ? 0n : rootRest)
    rootPaidRao += rootRest + takeBounds(rootRest, rate).lowRao
    const takesAll = rate >= ONE && take > 0n
    validatorsPaid ||= rest > 0n || (takesAll && preTotal > 0n)
    rootPaid ||= rootRest > 0n || (takesAll && rootStake > 0n)
  }

  const dividendHotkeys = new Set([...alphaDividends.keys(), ...rootDividends.keys()])
  for (const hotkey of new Set([...before.keys(), ...after.keys(), ...dividendHotkeys])) payHotkey(hotkey)
  return { payouts: paid, creditedRao, validatorsPaid, rootPaid, rootPaidRao, dividendHotkeys: dividendHotkeys.size }
}

/** Divides what a hotkey's owner got directly into take and incentive; `undefined` when no division explains it. */
function splitUnknown(
  unknown: bigint,
  computed: bigint,
  earns: boolean,
  bounds: Bounds,
): { take: bigint; incentive: bigint } | undefined {
  if (withinBounds(unknown - computed, bounds)) return { take: unknown - computed, incentive: computed }
  // With a take of 100 % nothing bounds it from above: less than the computed incentive was paid, and no take can be seen.
  if (!earns || unknown < bounds.lowRao) return undefined
  return { take: bounds.lowRao, incentive: unknown - bounds.lowRao }
}

/** Each nominator's part of the dividends: what its share gained besides what was staked to it directly. Rounding may give
 *  all of them together a few rao more than there were; the largest parts bear that. */
function nominatorParts(
  before: SharePool,
  after: SharePool,
  owner: string,
  direct: ReadonlyMap<string, bigint>,
  restRao: bigint,
): ReadonlyMap<string, bigint> {
  const parts = new Map<string, bigint>()
  if (restRao === 0n) return parts
  for (const coldkey of after.shares.keys()) {
    if (coldkey === owner) continue
    const gain = valueOf(after, coldkey) - valueOf(before, coldkey) - (direct.get(coldkey) ?? 0n)
    if (gain > 0n) parts.set(coldkey, gain)
  }
  let excess = sum(parts.values()) - restRao
  if (excess > BigInt(parts.size)) return parts
  const largestFirst = [...parts].sort(([, a], [, b]) => (a === b ? 0 : a < b ? 1 : -1))
  for (const [coldkey, rao] of largestFirst) {
    if (excess <= 0n) break
    parts.set(coldkey, rao - 1n)
    excess -= 1n
  }
  return parts
}

/** Divides claimable root dividends by root stake, rounded down; the rest goes to the hotkey's owner. */
function shareRootDividends(
  pool: SharePool,
  rootRest: bigint,
  owner: string,
  pay: (coldkey: string, role: Role, rao: bigint) => void,
): void {
  let left = rootRest
  for (const coldkey of rootRest > 0n ? pool.shares.keys() : []) {
    if (coldkey === owner) continue
    const part = (rootRest * valueOf(pool, coldkey)) / pool.totalRao
    const paid = part < left ? part : left
    pay(coldkey, 'root', paid)
    left -= paid
  }
  pay(owner, 'root', left)
}
