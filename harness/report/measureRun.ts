import { movers } from '../diff/movers.js'
import type { RewardDiff } from '../diff/diffLedgers.js'
import { roleTransfers } from '../diff/roleTransfers.js'
import type { Ledger } from '../ledger/ledger.js'
import type { ConcentrationChange } from '../metrics/compareConcentration.js'
import { compareCorrelations, type Correlations } from '../metrics/compareCorrelations.js'
import { acrossSubnets, concentrationSeries, type SpreadChange } from '../metrics/concentrationSeries.js'
import { type Neuron, neurons } from '../metrics/neurons.js'
import { BOOTSTRAP, type Spread } from '../metrics/spread.js'
import type { measureSchema } from './measureSchema.js'
import type { RunResult } from './runResult.js'

type Measures = Pick<RunResult, keyof typeof measureSchema>

/** The members of `measureSchema`, from a finished run. */
export function measureRun(run: {
  readonly baseline: Ledger
  readonly candidate: Ledger
  readonly diff: RewardDiff
  readonly concentrations: readonly ConcentrationChange[]
}): Measures {
  return {
    bootstrap: { ...BOOTSTRAP },
    series: concentrationSeries(run.baseline, run.candidate).map(({ baseline, candidate, spread, ...kind }) => ({
      ...kind,
      baseline: baseline.map((value) => value ?? null),
      candidate: candidate.map((value) => value ?? null),
      spread: spreads(spread),
    })),
    acrossSubnets: acrossSubnets(run.concentrations).map(({ spread, ...kind }) => ({
      ...kind,
      spread: spreads(spread),
    })),
    correlations: compareCorrelations(run.baseline, run.candidate).map(({ baseline, candidate, ...population }) => ({
      ...population,
      baseline: correlations(baseline),
      candidate: correlations(candidate),
    })),
    movers: movers(run.diff).map(({ gainedRao, lostRao, ...counts }) => ({
      ...counts,
      gainedRao: String(gainedRao),
      lostRao: String(lostRao),
    })),
    transfers: roleTransfers(run.diff).map(({ alphaRao, ...ends }) => ({ ...ends, alphaRao: String(alphaRao) })),
    neurons: neuronColumns(run.baseline, run.candidate),
  }
}

function spreads({ baseline, candidate, change }: SpreadChange): RunResult['series'][number]['spread'] {
  return { baseline: orNull(baseline), candidate: orNull(candidate), change: orNull(change) }
}

function orNull(spread: Spread | undefined) {
  return spread === undefined ? null : { ...spread, low: spread.low ?? null, high: spread.high ?? null }
}

function correlations(of: Correlations): RunResult['correlations'][number]['baseline'] {
  const pair = ({ pearson, spearman }: Correlations['stakeReward']) => {
    return { pearson: pearson ?? null, spearman: spearman ?? null }
  }
  return {
    stakePerformance: pair(of.stakePerformance),
    stakeReward: pair(of.stakeReward),
    performanceReward: pair(of.performanceReward),
  }
}

function neuronColumns(baseline: Ledger, candidate: Ledger): RunResult['neurons'] {
  const [ours, theirs] = [neurons(baseline), neurons(candidate)]
  return [...ours]
    .toSorted(([a], [b]) => a - b)
    .map(([netuid, before]) => {
      const after = theirs.get(netuid) ?? new Map<string, Neuron>()
      const epochs = BigInt(baseline.totals.filter((epoch) => epoch.netuid === netuid).length)
      const shown = [...new Set([...before.keys(), ...after.keys()])].flatMap((hotkey) => {
        const [ownBefore, ownAfter] = [before.get(hotkey), after.get(hotkey)]
        const last = ownBefore ?? ownAfter
        return last !== undefined && (counts(ownBefore) || counts(ownAfter)) ? [{ ...last, ownBefore, ownAfter }] : []
      })
      const columns = (arm: 'ownBefore' | 'ownAfter') => {
        const list = (value: (neuron: Neuron) => bigint) =>
          shown.map(({ [arm]: neuron }) => (neuron === undefined ? 0n : value(neuron))).join(' ')
        return {
          stakeRao: list(({ stakeRao }) => stakeRao / epochs),
          consensus: list(({ consensus }) => (2n * consensus + epochs) / (2n * epochs)),
          validatorTrust: list(({ validatorTrust }) => (2n * validatorTrust + epochs) / (2n * epochs)),
        }
      }
      return {
        netuid,
        uids: shown.map(({ uid }) => uid).join(' '),
        hotkeys: shown.map(({ hotkey }) => hotkey),
        coldkeys: shown.map(({ coldkey }) => coldkey),
        baseline: columns('ownBefore'),
        candidate: columns('ownAfter'),
      }
    })
}

function counts(neuron: Neuron | undefined): boolean {
  return neuron !== undefined && (neuron.stakeRao > 0n || neuron.consensus > 0n || neuron.validatorTrust > 0n)
}
