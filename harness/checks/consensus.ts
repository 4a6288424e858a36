import { byEpoch, epochKey, inOrder } from '../diff/epochPlace.js'
import { ledgersNotComparable } from '../errors/checks.js'
import type { EpochVectors, Ledger, RewardEntry, Role } from '../ledger/ledger.js'
import type { Check } from './check.js'

/** A fall of this part of the sum of Consensus, of what miners are paid or of the validators that vote is called substantial. */
const substantialFall = 0.1

const one = 65535

interface Arms<T> {
  readonly baseline: T
  readonly candidate: T
}

/** What happens to consensus and to pay, and why: one check a subnet. "a -> b" is baseline -> candidate. A validator votes when it
 *  has a permit, is active and has a stake weight of at least 1/65535.
 *
 *  A miner's consensus is the largest weight that validators with at least kappa of the active stake weight give it. A cap that makes
 *  validators equal shifts stake weight to those who set no weights, or others; if those who agree then hold less than kappa, every
 *  median is 0, no miner is paid, and the epoch pays its validators the miners' part as well (v + s). Short of that, a cap below the
 *  smallest of them makes all equal, and one far below gives their permits to others: both are warnings, too.
 *  @param kappa u16, 65535 = 1.0, of each subnet; the reason names it if it is known
 *  @throws E601 when the candidate lacks the outputs of an epoch */
export function checkConsensus(arms: Arms<Ledger>, kappa: ReadonlyMap<number, number> = new Map()): Check[] {
  const netuids = [...new Set(arms.baseline.vectors.map(({ netuid }) => netuid))].sort((a, b) => a - b)
  return netuids.map((netuid) => {
    const candidate = byEpoch(arms.candidate.vectors)
    const epochs = inOrder(arms.baseline.vectors.filter((vectors) => vectors.netuid === netuid)).map((vectors) => {
      const theirs = candidate.get(epochKey(vectors))?.[0]
      if (theirs === undefined) {
        throw ledgersNotComparable({
          difference: `epoch ${vectors.epoch} of subnet ${netuid} has no outputs in the candidate`,
        })
      }
      return { baseline: vectors, candidate: theirs }
    })
    return judge(netuid, epochs, arms, kappa.get(netuid))
  })
}

function judge(netuid: number, epochs: readonly Arms<EpochVectors>[], arms: Arms<Ledger>, kappa?: number): Check {
  const each = (arm: keyof Arms<unknown>, of: (vectors: EpochVectors) => number) =>
    epochs.map((epoch) => of(epoch[arm]))
  const both = (of: (vectors: EpochVectors) => number): Arms<number[]> => {
    return { baseline: each('baseline', of), candidate: each('candidate', of) }
  }
  const consensus = means(both(({ consensus }) => sum(consensus) / one))
  const incentive = means(both(({ incentive }) => sum(incentive) / one))
  const voters = both((vectors) => voterUids(vectors).length)
  const largest = both(sharingTheLargest)
  const unpaid = both(({ incentive }) => (sum(incentive) === 0 ? 1 : 0))
  const miners = pay(arms, netuid, ['miner', 'burned'])
  const validators = pay(arms, netuid, validatorSide)

  const collapsed = epochs.filter((_, i) => unpaid.candidate[i] === 1 && unpaid.baseline[i] === 0)
  const equalised = epochs.filter((epoch) => allEqual(epoch.candidate) && !allEqual(epoch.baseline))
  const falls: Falls = {
    consensus: fall(consensus.baseline, consensus.candidate),
    miners: fall(Number(miners.baseline), Number(miners.candidate)),
    voters: fall(mean(voters.baseline), mean(voters.candidate)),
  }
  const substantial = Object.values(falls).some((part) => part > substantialFall)
  const lost = new Set(epochs.flatMap(losersOfConsensus))
  const inConsensus = new Set(
    epochs.flatMap(({ baseline }) => baseline.hotkeys.filter((_, uid) => (baseline.consensus[uid] ?? 0) > 0)),
  )

  const seen = [
    `${range(voters.baseline)} -> ${range(voters.candidate)} validators vote (permit, active, stake weight), ` +
      `${range(largest.baseline)} -> ${range(largest.candidate)} of them share the largest stake weight`,
    `the part of the weights that a majority of stake agrees on (sum of Consensus) ` +
      `${consensus.baseline.toFixed(4)} -> ${consensus.candidate.toFixed(4)}, sum of Incentive ` +
      `${incentive.baseline.toFixed(4)} -> ${incentive.candidate.toFixed(4)} (means over ${epochs.length} epochs)`,
    `miners together are paid ${shareOf(miners)}, validators, nominators and root ${shareOf(validators)}`,
    `${lost.size} of ${inConsensus.size} miners with consensus lose all of it in some epoch`,
    `epochs that pay no miner: ${sum(unpaid.baseline)} -> ${sum(unpaid.candidate)}`,
  ].join('; ')
  const reasons = [
    ...(collapsed.length > 0 ? [collapseReason(collapsed, epochs.length, arms)] : []),
    ...(equalised.length > 0 ? [equalReason(equalised.length, epochs.length)] : []),
    ...(collapsed.length === 0 && substantial ? [fallReason(falls)] : []),
  ]
  return {
    name: `consensus (subnet ${netuid})`,
    level: reasons.length > 0 ? 'warning' : 'info',
    seen,
    expected:
      `the sum of Consensus, the miners' pay and the validators that vote fall by no more than ${percent(substantialFall)}, ` +
      'no epoch stops paying miners, and validators are not all made equal',
    why: [...reasons, agreement(collapsed.length > 0 ? collapsed : epochs, kappa)].join(' '),
  }
}

interface Falls {
  readonly consensus: number
  readonly miners: number
  readonly voters: number
}

/** Who received the miners' part when no miner did. */
function collapseReason(collapsed: readonly Arms<EpochVectors>[], epochs: number, arms: Arms<Ledger>): string {
  const [ours, theirs] = [byEpoch(arms.baseline.entries), byEpoch(arms.candidate.entries)]
  const received = (entries: Map<string, RewardEntry[]>) =>
    total(
      collapsed
        .flatMap(({ baseline }) => entries.get(epochKey(baseline)) ?? [])
        .filter(({ role }) => validatorSide.includes(role)),
    )
  return (
    `In ${collapsed.length} of ${epochs} epochs the baseline pays miners and the candidate pays none: no weight finds a majority, the ` +
    "median of every miner is 0, and no incentive arises. Such an epoch pays validators the miners' part too (v + s): " +
    `validators, nominators and root received ${times(received(theirs), received(ours))} in these epochs.`
  )
}

function equalReason(equalised: number, epochs: number): string {
  return (
    `In ${equalised} of ${epochs} epochs the candidate gives every validator that votes the same stake weight: how much a validator ` +
    'holds no longer decides how much its weights count nor, once older bonds have faded, its dividends.'
  )
}

function fallReason(falls: Falls): string {
  const parts = [
    ...(falls.consensus > substantialFall ? [`the sum of Consensus falls by ${percent(falls.consensus)}`] : []),
    ...(falls.miners > substantialFall ? [`the miners' pay falls by ${percent(falls.miners)}`] : []),
    ...(falls.voters > substantialFall
      ? [
          `the number of validators that vote falls by ${percent(falls.voters)} (permits go to the largest stake weights, ` +
            'among equal ones to the higher uid)',
        ]
      : []),
  ].join(' and ')
  return `Under the candidate ${parts}.`
}

function agreement(epochs: readonly Arms<EpochVectors>[], kappa: number | undefined): string {
  const before = mean(epochs.map(({ baseline }) => agreeingStake(baseline, baseline)))
  const after = mean(epochs.map(({ baseline, candidate }) => agreeingStake(baseline, candidate)))
  const needed = kappa === undefined ? 'kappa' : `kappa, ${percent(kappa / one)}`
  const verdict =
    kappa !== undefined && after < kappa / one
      ? `under the candidate they hold less than consensus needs (${needed})`
      : `consensus on a weight needs ${needed} of it`
  return (
    `The validators whose weights count in the baseline (ValidatorTrust above 0) hold ${percent(before)} of the validators' stake weight there ` +
    `and ${percent(after)} under the candidate; ${verdict}.`
  )
}

/** Uids with a permit as the epoch left it, active, and with a stake weight of at least 1/65535. */
function voterUids(vectors: EpochVectors): number[] {
  return vectors.hotkeys.flatMap((_, uid) => {
    const counts = vectors.validatorPermit[uid] === true && vectors.active[uid] === true
    return counts && (vectors.stakeWeight[uid] ?? 0) > 0 ? [uid] : []
  })
}

/** How many of those who vote have the largest stake weight among them, as all have when a cap makes them equal. */
function sharingTheLargest(vectors: EpochVectors): number {
  const weights = voterUids(vectors).map((uid) => vectors.stakeWeight[uid] ?? 0)
  const largest = Math.max(0, ...weights)
  return weights.filter((weight) => weight === largest).length
}

function allEqual(vectors: EpochVectors): boolean {
  const voters = voterUids(vectors).length
  return voters > 1 && sharingTheLargest(vectors) === voters
}

/** Part of the stake weight of `arm`'s validators that is held by hotkeys with ValidatorTrust in the baseline. */
function agreeingStake(baseline: EpochVectors, arm: EpochVectors): number {
  const agreeing = new Set(baseline.hotkeys.filter((_, uid) => (baseline.validatorTrust[uid] ?? 0) > 0))
  const uids = voterUids(arm)
  const weightOf = (list: readonly number[]) => sum(list.map((uid) => arm.stakeWeight[uid] ?? 0))
  const all = weightOf(uids)
  return all === 0 ? 0 : weightOf(uids.filter((uid) => agreeing.has(arm.hotkeys[uid] ?? ''))) / all
}

function losersOfConsensus({ baseline, candidate }: Arms<EpochVectors>): string[] {
  return baseline.hotkeys.filter((hotkey, uid) => {
    const there = candidate.hotkeys.indexOf(hotkey)
    return (baseline.consensus[uid] ?? 0) > 0 && (candidate.consensus[there] ?? 0) === 0
  })
}

const validatorSide: readonly Role[] = ['validator', 'nominator', 'root']

interface Pay extends Arms<bigint> {
  /** What accounts gain that the candidate pays more. */
  readonly gained: bigint
}

/** What accounts are paid over the run in some roles; with `burned`, incentives withheld from owner hotkeys are included. */
function pay(arms: Arms<Ledger>, netuid: number, roles: readonly Role[]): Pay {
  const entries = ({ entries }: Ledger) =>
    entries.filter((entry) => entry.netuid === netuid && roles.includes(entry.role))
  const [ours, theirs] = [entries(arms.baseline), entries(arms.candidate)]
  const change = new Map<string, bigint>()
  const add = ({ hotkey, coldkey }: RewardEntry, rao: bigint) => {
    const account = `${hotkey} ${coldkey}`
    change.set(account, (change.get(account) ?? 0n) + rao)
  }
  for (const entry of ours) add(entry, -entry.alphaRao)
  for (const entry of theirs) add(entry, entry.alphaRao)
  const gained = [...change.values()].reduce((acc, rao) => (rao > 0n ? acc + rao : acc), 0n)
  return { baseline: total(ours), candidate: total(theirs), gained }
}

function total(entries: readonly RewardEntry[]): bigint {
  return entries.reduce((acc, { alphaRao }) => acc + alphaRao, 0n)
}

function shareOf({ baseline, candidate, gained }: Pay): string {
  if (baseline === 0n) return candidate === 0n ? 'nothing in either arm' : 'unlike in the baseline'
  const part = (rao: bigint) => percent(Number(rao) / Number(baseline))
  return `${part(candidate)} of what the baseline pays them (${part(gained)} goes to other accounts than there)`
}

/** Relative fall, 0 when there was nothing or it rose. */
function fall(before: number, after: number): number {
  return before <= 0 || after >= before ? 0 : 1 - after / before
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length
}

function means({ baseline, candidate }: Arms<number[]>): Arms<number> {
  return { baseline: mean(baseline), candidate: mean(candidate) }
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return values.length === 0 ? 'none' : low === high ? `${low}` : `${low} to ${high}`
}

function times(after: bigint, before: bigint): string {
  return before === 0n
    ? 'what the baseline paid to none of them'
    : `${(Number(after) / Number(before)).toFixed(2)} times what the baseline paid them`
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
