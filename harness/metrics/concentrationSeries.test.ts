import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { generatedRun } from '../../test/generatedRun.js'
import type { Ledger } from '../ledger/ledger.js'
import { compareConcentration } from './compareConcentration.js'
import { acrossSubnets, concentrationSeries } from './concentrationSeries.js'

const only = (ledger: Ledger, epoch: number): Ledger => ({
  entries: ledger.entries.filter((entry) => entry.epoch === epoch),
  totals: ledger.totals.filter((totals) => totals.epoch === epoch),
  vectors: ledger.vectors.filter((vectors) => vectors.epoch === epoch),
})

describe('concentrationSeries', () => {
  const { baseline, candidate } = generatedRun({ subnets: 2, accounts: 60, epochs: 3 })
  const series = concentrationSeries(baseline, candidate)

  it('has each metric of each subnet, distribution and unit in each epoch', () => {
    expect(series).toHaveLength(2 * 2 * 2 * 7)
    for (const epoch of [0, 1, 2]) {
      for (const change of compareConcentration(only(baseline, epoch), only(candidate, epoch))) {
        const own = series.filter(
          (s) => s.netuid === change.netuid && s.distribution === change.distribution && s.unit === change.unit,
        )
        expect(own).toHaveLength(7)
        for (const { metric, baseline: before, candidate: after } of own) {
          expect([before[epoch], after[epoch]]).toEqual([change.baseline[metric], change.candidate[metric]])
        }
      }
    }
  })

  it('spreads the change epoch by epoch', () => {
    const run = exampleRun()
    const gini = concentrationSeries(run.baseline, run.candidate).find(
      (s) => s.distribution === 'stakeWeights' && s.unit === 'hotkey' && s.metric === 'gini',
    )
    const [before = NaN, after = NaN] = [gini?.baseline[0], gini?.candidate[0]]
    expect(gini?.spread.change).toMatchObject({ count: 2, median: after - before, q1: after - before })
  })
})

describe('acrossSubnets', () => {
  it('takes the median of the subnets', () => {
    const { concentrations } = generatedRun({ subnets: 5, accounts: 200, epochs: 1 })
    const ginis = concentrations
      .filter(({ distribution, unit }) => distribution === 'rewards' && unit === 'coldkey')
      .map(({ baseline }) => baseline.gini ?? NaN)
      .sort((a, b) => a - b)
    const own = acrossSubnets(concentrations).find(
      (s) => s.distribution === 'rewards' && s.unit === 'coldkey' && s.metric === 'gini',
    )
    expect(own).toMatchObject({
      subnets: 5,
      spread: { baseline: { count: 5, median: ginis[2], q1: ginis[1], q3: ginis[3] } },
    })
    expect(acrossSubnets([])).toEqual([])
  })
})
