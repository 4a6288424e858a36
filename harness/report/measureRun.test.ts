import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { measureRun } from './measureRun.js'

describe('measureRun', () => {
  const run = exampleRun()
  const measures = measureRun(run)

  it('keeps neurons in columns: means over the epochs, those with nothing left out', () => {
    const [columns] = measures.neurons
    expect(columns?.uids).toBe('0 1 2 3 4 5')
    expect(columns?.hotkeys).toHaveLength(6)
    expect(columns?.baseline).toEqual({
      stakeRao: '600 300 90 10 0 0',
      consensus: '0 0 0 0 45000 20000',
      validatorTrust: '60000 60000 60000 0 0 0',
    })
  })

  it('counts an epoch without a uid as zero, and rounds', () => {
    const [first, second] = run.baseline.vectors
    const moved = second === undefined ? [] : [{ ...second, hotkeys: ['new', ...second.hotkeys.slice(1)] }]
    const baseline = { ...run.baseline, vectors: [...(first === undefined ? [] : [first]), ...moved] }
    const [columns] = measureRun({ ...run, baseline }).neurons
    expect(columns?.hotkeys.indexOf('new')).toBe(6)
    expect(columns?.baseline.stakeRao).toBe('300 300 90 10 0 0 300')
    expect(columns?.candidate.stakeRao).toBe('600 300 90 10 0 0 0')
  })

  it('states movers, transfers and how intervals are made', () => {
    expect(measures.bootstrap).toEqual({ seed: 1, resamples: 1000, level: 0.95, minimumValues: 5 })
    expect(measures.movers[0]).toEqual({
      netuid: 31,
      unit: 'hotkey',
      role: 'all',
      winners: 4,
      losers: 2,
      unchanged: 1,
      gainedRao: '56000000000',
      lostRao: '56000000000',
    })
    expect(measures.transfers.map(({ from, to, alphaRao }) => `${from} ${to} ${alphaRao}`)).toEqual([
      'miner miner 20000000000',
      'validator validator 32000000000',
      'nominator validator 4000000000',
    ])
  })

  it('writes null where a series or a correlation has no value', () => {
    const nobody = { entries: [], totals: run.baseline.totals, vectors: [] }
    const empty = measureRun({ ...run, baseline: nobody, candidate: nobody })
    expect(empty.series[0]).toMatchObject({ baseline: [null, null], spread: { baseline: null, change: null } })
    expect(empty.correlations[0]?.baseline.stakeReward).toEqual({ pearson: null, spearman: null })
  })
})
