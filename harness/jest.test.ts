import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../test/exampleRun.js'
import './jest.js'
import { buildRunResult } from './report/buildRunResult.js'
import type { RunResult } from './report/runResult.js'

const result = buildRunResult(exampleRun())
const noOp = buildRunResult(exampleRun({ noOp: true }))
const saying = (message: RegExp) => expect.objectContaining({ message: expect.stringMatching(message) })

describe('toConserve', () => {
  it('holds when what is paid is what was drained', () => {
    expect(result).toConserve()
    expect(() => expect(result).not.toConserve()).toThrow(saying(/All 4 checks of conservation pass/))
  })

  it('fails for a check that does not pass, and for a result without one', () => {
    const checks = result.checks.map((check, i) => (i === 0 ? { ...check, level: 'error' as const } : check))
    expect(() => expect({ ...result, checks }).toConserve()).toThrow(saying(/1 of 4 .*\n {2}conservation: credited/))
    expect(() => expect({ ...result, checks: [] }).toConserve()).toThrow(saying(/no check of conservation/))
  })
})

describe('toHaveEmptyDiff', () => {
  it('holds when nothing changes', () => {
    expect(noOp).toHaveEmptyDiff()
    expect(result).not.toHaveEmptyDiff()
    expect(() => expect(result).toHaveEmptyDiff()).toThrow(saying(/7 of 8 accounts are paid differently/))
  })

  it('is not fooled by sums that agree, nor by outputs that do not', () => {
    const differing = (rewards: Partial<RunResult['rewards']>) => ({
      ...noOp,
      rewards: { ...noOp.rewards, ...rewards },
    })
    expect(() => expect(differing({ isEmpty: false })).toHaveEmptyDiff()).toThrow(saying(/not in every epoch/))
    expect(() => expect(differing({ sameVectors: false })).toHaveEmptyDiff()).toThrow(saying(/outputs of the epochs/))
  })
})

describe('toMoveMetric', () => {
  it('holds when the proposal moves it, as far as it is asked to', () => {
    expect(result).toMoveMetric('stakeWeights.hotkey.gini')
    expect(result).toMoveMetric('stakeWeights.hotkey.gini', { atMost: -0.2 })
    expect(result).not.toMoveMetric('stakeWeights.hotkey.gini', { atLeast: 0 })
    expect(result).toMoveMetric('paid.validator', { subnet: 31, atLeast: 4, atMost: 4 })
    expect(noOp).not.toMoveMetric('stakeWeights.hotkey.gini')
    const wrong = () => expect(result).toMoveMetric('paid.validator', { atLeast: 5 })
    expect(wrong).toThrow(saying(/paid\.validator of subnet 31 moves by 4 \(at least 5\)/))
  })

  it('fails for what the run does not have', () => {
    expect(() => expect(result).toMoveMetric('gini')).toThrow(saying(/no metric "gini".*rewards\.hotkey\.gini/))
    expect(() => expect(result).not.toMoveMetric('gini')).toThrow(saying(/no metric "gini"/))
    expect(() => expect(result).toMoveMetric('paid.miner', { subnet: 7 })).toThrow(saying(/does not measure subnet 7/))
    const two = { ...result, epochs: [...result.epochs, ...result.epochs.map((epoch) => ({ ...epoch, netuid: 32 }))] }
    expect(() => expect(two).toMoveMetric('paid.miner')).toThrow(saying(/Name a subnet: the run measures 31, 32/))
  })
})
