import type { Ledger } from '../ledger/ledger.js'
import { compareConcentration, type ConcentrationChange } from './compareConcentration.js'
import { concentrationMetrics } from './concentration.js'
import { byEpochOf, bySubnet } from './splitLedger.js'
import { spread, type Spread } from './spread.js'

/** A number's spread in both arms, and of candidate - baseline taken place by place. */
export interface SpreadChange {
  readonly baseline: Spread | undefined
  readonly candidate: Spread | undefined
  readonly change: Spread | undefined
}

/** One concentration metric of a subnet, epoch by epoch. */
export interface ConcentrationSeries {
  readonly netuid: number
  readonly distribution: ConcentrationChange['distribution']
  readonly unit: ConcentrationChange['unit']
  readonly metric: (typeof concentrationMetrics)[number]
  /** In the order of the subnet's epochs; `undefined` where the distribution is empty. */
  readonly baseline: readonly (number | undefined)[]
  readonly candidate: readonly (number | undefined)[]
  readonly spread: SpreadChange
}

/** Concentration in each epoch alone: by netuid, distribution, unit and metric. */
export function concentrationSeries(baseline: Ledger, candidate: Ledger): ConcentrationSeries[] {
  const theirs = bySubnet(candidate)
  return [...bySubnet(baseline)].flatMap(([netuid, ours]) => {
    const candidates = byEpochOf(theirs.get(netuid) ?? { entries: [], totals: [], vectors: [] })
    const epochs = [...byEpochOf(ours)].map(([epoch, ledger]) =>
      compareConcentration(ledger, candidates.get(epoch) ?? { entries: [], totals: [], vectors: [] }),
    )
    return (epochs[0] ?? []).flatMap(({ distribution, unit }, i) =>
      concentrationMetrics.map((metric) => {
        const values = (arm: 'baseline' | 'candidate') => epochs.map((changes) => changes[i]?.[arm][metric])
        const [before, after] = [values('baseline'), values('candidate')]
        const spread = spreadChange(before, after, 'epochs')
        return { netuid, distribution, unit, metric, baseline: before, candidate: after, spread }
      }),
    )
  })
}

/** One concentration metric over the subnets of a run. */
export interface AcrossSubnets extends Omit<ConcentrationSeries, 'netuid' | 'baseline' | 'candidate'> {
  readonly subnets: number
}

/** Medians over subnets of what each has over the whole run, as the paper states them: by distribution, unit and metric. */
export function acrossSubnets(changes: readonly ConcentrationChange[]): AcrossSubnets[] {
  const kinds = changes.filter(({ netuid }) => netuid === changes[0]?.netuid)
  return kinds.flatMap(({ distribution, unit }) => {
    const own = changes.filter((change) => change.distribution === distribution && change.unit === unit)
    return concentrationMetrics.map((metric) => {
      const values = (arm: 'baseline' | 'candidate') => own.map((change) => change[arm][metric])
      const spread = spreadChange(values('baseline'), values('candidate'), 'subnets')
      return { distribution, unit, metric, subnets: own.length, spread }
    })
  })
}

function spreadChange(
  baseline: readonly (number | undefined)[],
  candidate: readonly (number | undefined)[],
  over: 'epochs' | 'subnets',
): SpreadChange {
  const changes = baseline.map((before, i) => {
    const after = candidate[i]
    return before === undefined || after === undefined ? undefined : after - before
  })
  return { baseline: spread(baseline, over), candidate: spread(candidate, over), change: spread(changes, over) }
}
