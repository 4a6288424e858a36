import { ledgerUnbalanced, payoutUnexplained } from '../errors/replay.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { gathersByHotkey, paysABlockLater } from '../replay/laterPayment.js'
import type { EpochPools } from '../runtime/movedRao.js'
import { paysDividendsAsTheyAre, requireUnmoved, rootPart } from './absoluteDividends.js'
import { chainState, type ChainState } from './chainState.js'
import { epochEvents, type EpochEvents } from './epochEvents.js'
import { epochVectors } from './epochVectors.js'
import { readGatheredEpoch } from './gatheredEmission.js'
import { incentives } from './incentives.js'
import { keptClaims } from './keptClaims.js'
import { requireKnownLayout } from './knownLayout.js'
import { readLoadedEpoch } from './loadedEmission.js'
import type { EpochTotals, EpochVectors, Ledger, RewardEntry } from './ledger.js'
import { merged, payouts, type Payout, type Payouts } from './payouts.js'
import { type Accumulation, canLoseRoot, drainedPendings, type Pendings, sellsRoot } from './pendings.js'
import { soldRoot } from './soldRoot.js'
import { subnetUids } from './subnetUids.js'
import { unrecordedIncentives, withheldIncentives } from './withheld.js'

/** The ledger of one epoch: who was paid what, exact to the rao, by the storage layout that the metadata tells: root dividends claimable
 *  (since spec 343, both layouts of shares) or sold.
 *  @param movedRao what a policy moves from validators to miners in an epoch
 *  @throws E527 for another layout, E511 when alpha moved that the reward path does not explain, E512 when the entries do not sum to it */
export function readEpoch(
  codec: StorageCodec,
  record: EpochRecord,
  movedRao: (epoch: EpochPools) => bigint = () => 0n,
): Ledger {
  if (paysABlockLater(codec)) return readLoadedEpoch(codec, record)
  if (gathersByHotkey(codec)) return readGatheredEpoch(codec, record)
  const { epoch, netuid, block } = record
  const pre = chainState(codec, record.pre)
  const post = chainState(codec, record.post)
  requireKnownLayout(codec, pre.rules, netuid)
  const events = epochEvents(codec, record.events, netuid)
  if (events.leasePaid && post.has('SubnetUidToLeaseId', netuid)) {
    const reason = 'a lease moved earlier owner cuts to its contributors in this block'
    throw payoutUnexplained({ netuid, block, account: 'the leased subnet', reason })
  }
  const uids = subnetUids(post, netuid)
  const earned = incentives(post, netuid, uids, events)
  const vectors = epochVectors(pre, post, netuid, epoch, uids)

  const result = payouts({
    pre,
    post,
    netuid,
    block,
    isRegistered: (hotkey) => uids.uidOf.has(hotkey),
    ownerCutRao: drainedPendings(pre, post, netuid, pre.netuids()).ownerCutRao,
    incentives: earned,
    keptClaims: keptClaims(pre, post, netuid, block),
  })
  const { rootRecycledRao, ...drained } = drainedFor(result, pre, post, netuid)
  // Of policies and hooks at most one moves any (E321).
  const moved = movedRao(poolsOf(drained, sellsRoot(pre), vectors)) + (record.movedByHook ?? 0n)
  requireUnmoved(pre, moved, { netuid, block })
  const miners = result.payouts.filter(({ role }) => role === 'miner')
  const withheld = post.knows('MinerBurned')
    ? withheldIncentives({
        pre,
        post,
        netuid,
        block,
        incentives: earned,
        paidIncentiveRao: sumOf(miners),
        rootRecycledRao,
        playRao: BigInt(result.dividendHotkeys),
      })
    : unrecordedIncentives({
        post,
        netuid,
        uids,
        incentives: earned,
        halfRao: drained.serverRao + moved,
        paidTo: new Map(miners.map(({ hotkey, alphaRao }) => [hotkey, alphaRao])),
      })
  const paidFor = epochsIn(post, pre.netuids())
  const sold = sellsRoot(pre) ? soldRoot({ pre, post, netuid, block, soldRao: drained.rootRao, paidFor }) : undefined
  const burned = [...withheld].map(([hotkey, alphaRao]): Payout => {
    return { hotkey, coldkey: post.account('Owner', hotkey), role: 'burned', alphaRao }
  })

  const rootPayouts = sold?.payouts ?? []
  const paid = [...result.payouts, ...rootPayouts, ...burned].filter(({ alphaRao }) => alphaRao > 0n)
  const paidRao = sumOf(paid)
  // Sold root alpha is paid as TAO, which `soldRoot` compares with the proceeds and with the growth of root stakes.
  const creditedRao =
    result.creditedRao + sumOf(rootPayouts) + [...withheld.values()].reduce((sum, rao) => sum + rao, 0n)
  if (paidRao !== creditedRao) throw ledgerUnbalanced({ netuid, block, paidRao, creditedRao })

  const { pendingsRao, dueRao, slackRao } = due({
    pre,
    post,
    netuid,
    earlier: paidFor.slice(0, paidFor.indexOf(netuid)),
    drained,
    moved,
    incentivesRao: incentivesOf(post, events, sumOf(miners) + sumOf(burned)),
    paid:
      sold === undefined
        ? result
        : { ...result, rootPaid: rootPayouts.length > 0, dividendHotkeys: result.dividendHotkeys + sold.hotkeys },
    uidCount: uids.hotkeys.length,
  })
  const totals: EpochTotals = {
    epoch,
    netuid,
    block,
    drainedRao: pendingsRao,
    paidRao,
    unpaidRao: pendingsRao - paidRao,
    unownedRao: pendingsRao - dueRao,
    slackRao,
    creditedRao,
  }
  const entries = merged(paid).map((payout): RewardEntry => {
    return { epoch, netuid, uid: uids.uidOf.get(payout.hotkey), ...payout }
  })
  return { entries, totals: [totals], vectors: [vectors] }
}

const sumOf = (payouts: readonly Payout[]): bigint => payouts.reduce((sum, { alphaRao }) => sum + alphaRao, 0n)

/** What the epoch drained. Where root's part of its block's alpha can be lost, what root was paid tells whether it was: the two differ by
 *  a block's part, and root is paid all that waits for it but for a few rao of rounding. */
function drainedFor(paid: Payouts, pre: ChainState, post: ChainState, netuid: number): Accumulation {
  const kept = drainedPendings(pre, post, netuid, pre.netuids())
  if (!canLoseRoot(pre)) return kept
  const lost = drainedPendings(pre, post, netuid, pre.netuids(), true)
  return 2n * paid.rootPaidRao > kept.rootRao + lost.rootRao ? kept : lost
}

/** Where root is sold, the odd rao of what the epoch divides is in neither pool. */
function poolsOf(drained: Pendings, sold: boolean, vectors: EpochVectors): EpochPools {
  const { serverRao, validatorRao, rootRao } = drained
  const stakeOf = (permitted: boolean) =>
    vectors.stakeWeight.reduce((sum, stake, uid) => sum + (vectors.validatorPermit[uid] === permitted ? stake : 0), 0)
  return {
    epochRao: serverRao + validatorRao + rootRao,
    minersRao: serverRao,
    validatorsRao: sold ? serverRao - rootRao : validatorRao,
    minersStake: BigInt(stakeOf(false)),
    validatorsStake: BigInt(stakeOf(true)),
  }
}

/** What should have been paid of the drained pendings, and how much rounding may take off it.
 *
 *  Each mechanism divides its part E_m of E = server + validator + root among miners and validators: half each but for what
 *  a policy moves, or all to one side when the other is empty; what miners get is paid as it is, validators divide the validator and root pendings
 *  (and the server's, when no miner earned anything). So with root alpha recycled before the epoch a rest stays unowned.
 *  Up to spec 252 validators get their part of E as it is, in specs 244 to 252 without what is on root stake; root's is paid besides. */
function due(input: {
  readonly pre: ChainState
  readonly post: ChainState
  readonly netuid: number
  /** Subnets whose epochs ran before in the same block. */
  readonly earlier: readonly number[]
  readonly drained: Pendings
  /** From validators to miners. */
  readonly moved: bigint
  /** All incentives of each mechanism. */
  readonly incentivesRao: readonly bigint[]
  readonly paid: Pick<Payouts, 'validatorsPaid' | 'rootPaid' | 'dividendHotkeys'>
  readonly uidCount: number
}): { pendingsRao: bigint; dueRao: bigint; slackRao: bigint } {
  const { pre, post, netuid, earlier, drained, moved, incentivesRao, uidCount } = input
  const { validatorsPaid, rootPaid, dividendHotkeys } = input.paid
  const { serverRao, validatorRao, rootRao, ownerCutRao } = drained
  const emission = serverRao + validatorRao + rootRao
  const mechanisms = mechanismEmissions(post, netuid, emission)
  const miners = mechanisms.reduce((total, emissionRao, mechanism) => {
    const computed = incentivesRao[mechanism] ?? 0n
    const half = emissionRao / 2n
    const movedHere = emission === 0n ? 0n : (moved * emissionRao) / emission
    return total + (computed === 0n ? 0n : 2n * computed > emissionRao + half + movedHere ? emissionRao : half)
  }, 0n)
  const hasOwner = post.has('SubnetOwner', netuid) && post.has('SubnetOwnerHotkey', netuid)
  const absolute = paysDividendsAsTheyAre(pre)
  const root = absolute ? rootPart({ pre, post, netuid, epochRao: emission - miners, earlier }) : NO_ROOT_PART
  const validators = absolute
    ? emission - miners - root.alphaRao
    : miners > 0n
      ? validatorRao
      : validatorRao + serverRao
  const rounding = (rao: bigint, count: number, bits: bigint) => BigInt(count) * ((rao >> bits) + 2n)
  return {
    pendingsRao: emission + ownerCutRao,
    dueRao: (hasOwner ? ownerCutRao : 0n) + miners + (validatorsPaid ? validators : 0n) + (rootPaid ? rootRao : 0n),
    slackRao:
      rounding(emission, uidCount * mechanisms.length, 31n) +
      rounding(validators, dividendHotkeys, 32n) +
      rounding(rootRao, dividendHotkeys, 32n) +
      root.slackRao,
  }
}

const NO_ROOT_PART = { alphaRao: 0n, slackRao: 0n }

/** Incentives of each mechanism as its epoch computed them, or, on a chain whose events do not tell, what was paid and burned. */
function incentivesOf(post: ChainState, events: EpochEvents, paidRao: bigint): readonly bigint[] {
  if (events.incentives.length === 0 && !post.knows('MinerBurned')) return [paidRao]
  return events.incentives.map((emissions) => emissions.reduce((sum, rao) => sum + rao, 0n))
}

/** Subnets whose epoch ran in the block, in the order given. */
const epochsIn = (post: ChainState, netuids: readonly number[]): number[] =>
  netuids.filter((netuid) => post.int('BlocksSinceLastStep', netuid) === 0n)

/** E divided among mechanisms: by the stored split, else evenly; the remainder belongs to mechanism 0. */
function mechanismEmissions(post: ChainState, netuid: number, emission: bigint): readonly bigint[] {
  const count = post.has('MechanismCountCurrent', netuid) ? Number(post.int('MechanismCountCurrent', netuid)) : 1
  const split = post.has('MechanismEmissionSplit', netuid) ? post.list('MechanismEmissionSplit', netuid) : undefined
  const parts = Array.from({ length: count }, (_, mechanism) =>
    split === undefined ? emission / BigInt(count) : (emission * BigInt(Number(split[mechanism] ?? 0))) / 65_535n,
  )
  const remainder = emission - parts.reduce((sum, rao) => sum + rao, 0n)
  return parts.map((rao, mechanism) => (mechanism === 0 ? rao + remainder : rao))
}
