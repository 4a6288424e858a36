import { byEpoch, epochKey, inOrder } from '../diff/epochPlace.js'
import { ledgersNotComparable } from '../errors/checks.js'
import type { EpochVectors, Ledger, RewardEntry } from '../ledger/ledger.js'
import type { Check } from './check.js'

/** A fall of this part of the baseline's mean consensus, or of what miners are paid, is called substantial. */
const substantialFall = 0.1

const one = 65535

interface Arms<T> {
  readonly baseline: T
  readonly candidate: T
}

/** What happens to consensus and to the miners' pay, and why: one check a subnet.
 *
 *  A miner's consensus is the largest weight that validators with at least kappa of the active stake weight give it. A cap that makes
 *  validators equal shifts stake weight to those who set no weights, or others; if those who agree then hold less than kappa, every
 *  median is 0, no miner is paid, and the epoch pays its validators the miners' part as well (v + s).
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
  const paid = { baseline: paidTo(arms.baseline, netuid), candidate: paidTo(arms.candidate, netuid) }
  const consensus = {
    baseline: mean(epochs.map(({ baseline }) => sum(baseline.consensus) / one)),
    candidate: mean(epochs.map(({ candidate }) => sum(candidate.consensus) / one)),
  }
  const incentive = {
    baseline: mean(epochs.map(({ baseline }) => sum(baseline.incentive) / one)),
    candidate: mean(epochs.map(({ candidate }) => sum(candidate.incentive) / one)),
  }
  const withoutMiners = {
    baseline: epochs.filter(({ baseline }) => sum(baseline.incentive) === 0),
    candidate: epochs.filter(({ candidate }) => sum(candidate.incentive) === 0),
  }
  const collapsed = epochs.filter(
    ({ baseline, candidate }) => sum(candidate.incentive) === 0 && sum(baseline.incentive) > 0,
  )
  const lost = new Set(epochs.flatMap(losersOfConsensus))
  const inConsensus = new Set(
    epochs.flatMap(({ baseline }) => baseline.hotkeys.filter((_, uid) => (baseline.consensus[uid] ?? 0) > 0)),
  )
  const consensusFall = fall(consensus.baseline, consensus.candidate)
  const minersFall = fall(Number(paid.baseline.miners), Number(paid.candidate.miners))
  const substantial = collapsed.length > 0 || consensusFall > substantialFall || minersFall > substantialFall

  const validators = epochs.map(({ candidate }) => equalValidators(candidate))
  const seen = [
    `validators with a permit, active and with stake weight: ${range(epochs.map(({ baseline }) => validatorUids(baseline).length))} in the baseline, ` +
      `${range(validators.map(({ validators }) => validators))} in the candidate, of which ${range(validators.map(({ largest }) => largest))} ` +
      `count with the same, largest stake weight (${percent(mean(validators.map(({ largest, validators }) => (validators === 0 ? 0 : largest / validators))))} of them)`,
    `sum of Consensus ${consensus.baseline.toFixed(4)} -> ${consensus.candidate.toFixed(4)}, sum of Incentive ` +
      `${incentive.baseline.toFixed(4)} -> ${incentive.candidate.toFixed(4)} (means over ${epochs.length} epochs)`,
    `${lost.size} of ${inConsensus.size} miners with consensus lose all of it in some epoch`,
    `epochs that pay no miner: ${withoutMiners.baseline.length} -> ${withoutMiners.candidate.length}`,
  ].join('; ')
  return {
    name: `consensus (subnet ${netuid})`,
    level: substantial ? 'warning' : 'info',
    seen,
    expected: `mean consensus and the miners' pay fall by no more than ${percent(substantialFall)}, and no epoch stops paying miners`,
    why:
      collapsed.length > 0
        ? collapseReason(collapsed, epochs.length, arms, kappa)
        : substantial
          ? fallReason(consensusFall, minersFall, epochs, kappa)
          : 'The validators that agree still hold the stake weight that consensus needs.',
  }
}

/** In words, with the stake weight of those who agree before and after, and who received the miners' part. */
function collapseReason(
  collapsed: readonly Arms<EpochVectors>[],
  epochs: number,
  arms: Arms<Ledger>,
  kappa: number | undefined,
): string {
  const [ours, theirs] = [byEpoch(arms.baseline.entries), byEpoch(arms.candidate.entries)]
  const validatorSide = (entries: Map<string, RewardEntry[]>) =>
    collapsed
      .flatMap(({ baseline }) => entries.get(epochKey(baseline)) ?? [])
      .filter(({ role }) => role === 'validator' || role === 'nominator' || role === 'root')
      .reduce((total, { alphaRao }) => total + alphaRao, 0n)
  return (
    `In ${collapsed.length} of ${epochs} epochs the baseline pays miners and the candidate pays none. ${agreement(collapsed, kappa)} ` +
    "The median weight of every miner is then 0 and no incentive arises; such an epoch pays validators the miners' part too (v + s): " +
    `validators, nominators and root received ${times(validatorSide(theirs), validatorSide(ours))} in these epochs.`
  )
}

function fallReason(consensusFall: number, minersFall: number, epochs: readonly Arms<EpochVectors>[], kappa?: number) {
  const falls = [
    ...(consensusFall > substantialFall ? [`mean consensus falls by ${percent(consensusFall)}`] : []),
    ...(minersFall > substantialFall ? [`the miners' pay falls by ${percent(minersFall)}`] : []),
  ].join(' and ')
  return `Under the candidate ${falls}. ${agreement(epochs, kappa)} What a smaller group supports is clipped.`
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
function validatorUids(vectors: EpochVectors): number[] {
  return vectors.hotkeys.flatMap((_, uid) => {
    const counts = vectors.validatorPermit[uid] === true && vectors.active[uid] === true
    return counts && (vectors.stakeWeight[uid] ?? 0) > 0 ? [uid] : []
  })
}

/** Validators, and how many of them share the largest stake weight, as they do when a cap makes them equal. */
function equalValidators(vectors: EpochVectors): { readonly validators: number; readonly largest: number } {
  const weights = validatorUids(vectors).map((uid) => vectors.stakeWeight[uid] ?? 0)
  const largest = weights.reduce((max, weight) => Math.max(max, weight), 0)
  return { validators: weights.length, largest: weights.filter((weight) => weight === largest).length }
}

/** Part of the stake weight of `arm`'s validators that is held by hotkeys with ValidatorTrust in the baseline. */
function agreeingStake(baseline: EpochVectors, arm: EpochVectors): number {
  const agreeing = new Set(baseline.hotkeys.filter((_, uid) => (baseline.validatorTrust[uid] ?? 0) > 0))
  const uids = validatorUids(arm)
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

/** Incentives paid over the run, those withheld from owner hotkeys included. */
function paidTo(ledger: Ledger, netuid: number): { readonly miners: bigint } {
  const incentives = ledger.entries.filter(
    (entry) => entry.netuid === netuid && (entry.role === 'miner' || entry.role === 'burned'),
  )
  return { miners: incentives.reduce((total, { alphaRao }) => total + alphaRao, 0n) }
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
