import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import type { RewardDiff } from '../diff/diffLedgers.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { concentration } from '../metrics/concentration.js'
import { checkExpectations, metricValues, requireKnownMetrics, type Expectation } from './expectations.js'

const account = {
  netuid: 31,
  uid: 1,
  hotkey: 'h',
  coldkey: 'c',
  role: 'miner' as const,
  baselineRao: 0n,
  candidateRao: 0n,
}
const diff: RewardDiff = {
  isEmpty: false,
  sameVectors: false,
  accounts: [],
  epochs: [],
  roles: [
    {
      netuid: 31,
      role: 'miner',
      baselineRao: 4_000_000_000n,
      candidateRao: 2_500_000_000n,
      changeRao: -1_500_000_000n,
    },
  ],
  winners: [{ ...account, changeRao: 500_000_000n }],
  losers: [
    { ...account, changeRao: -1_500_000_000n },
    { ...account, changeRao: -500_000_000n },
    { ...account, netuid: 2, changeRao: -9n },
  ],
}
const values = metricValues(
  31,
  [
    {
      netuid: 31,
      distribution: 'rewards',
      unit: 'hotkey',
      baseline: concentration([3n, 1n]),
      candidate: concentration([2n, 2n]),
    },
    {
      netuid: 31,
      distribution: 'rewards',
      unit: 'coldkey',
      baseline: concentration([0n]),
      candidate: concentration([1n]),
    },
    {
      netuid: 2,
      distribution: 'stakeWeights',
      unit: 'hotkey',
      baseline: concentration([1n]),
      candidate: concentration([1n]),
    },
  ],
  diff,
)
const check = (expectation: Expectation) => checkExpectations([expectation], new Map([[31, values]]))[0]

describe('metricValues', () => {
  it('names arms and their change', () => {
    expect(values.get('baseline.rewards.hotkey.gini')).toBe(0.25)
    expect(values.get('candidate.rewards.hotkey.gini')).toBe(0)
    expect(values.get('change.rewards.hotkey.gini')).toBe(-0.25)
    expect(values.get('change.paid.miner')).toBe(-1.5)
    expect(values.get('losers')).toBe(2)
    expect(values.get('lost')).toBe(2)
    expect(values.get('gained')).toBe(0.5)
  })

  it('keeps an undefined metric, and leaves out other subnets', () => {
    expect(values.has('baseline.rewards.coldkey.gini')).toBe(true)
    expect(values.get('change.rewards.coldkey.gini')).toBeUndefined()
    expect(values.has('baseline.stakeWeights.hotkey.gini')).toBe(false)
  })
})

describe('requireKnownMetrics', () => {
  it('knows exactly the metrics of a run', () => {
    const run = exampleRun()
    const names = [...metricValues(31, run.concentrations, run.diff).keys()].sort()
    expect(names).toHaveLength(106)
    requireKnownMetrics(
      names.map((metric) => ({ metric, op: '<', value: 1 })),
      [31],
    )
    const listed = fixOf(() => {
      requireKnownMetrics([{ metric: 'other', op: '<', value: 1 }], [31])
    }).match(/[\w.]*\w/g)
    expect(listed?.slice(3).sort()).toEqual(names)
  })
})

function fixOf(work: () => void): string {
  try {
    work()
  } catch (error) {
    if (error instanceof EpochdiffError) return error.fix
  }
  throw new Error('it should have been refused')
}

describe('checkExpectations', () => {
  const metric = 'baseline.rewards.hotkey.gini'
  it.each([
    ['<', 0.25, 'error'],
    ['<', 0.26, 'pass'],
    ['<=', 0.25, 'pass'],
    ['<=', 0.24, 'error'],
    ['=', 0.25, 'pass'],
    ['=', 0.2501, 'error'],
    ['>=', 0.25, 'pass'],
    ['>=', 0.26, 'error'],
    ['>', 0.25, 'error'],
    ['>', 0.24, 'pass'],
  ] as const)('0.25 %s %p: %s', (op, value, level) => {
    expect(check({ metric, op, value })?.level).toBe(level)
  })

  it.each([
    ['<', 0.2, 0.06, 'pass'],
    ['<=', 0.2, 0.04, 'error'],
    ['=', 0.2, 0.06, 'pass'],
    ['=', 0.3, 0.04, 'error'],
    ['>=', 0.3, 0.06, 'pass'],
    ['>', 0.3, 0.04, 'error'],
  ] as const)('0.25 %s %p within %p: %s', (op, value, tolerance, level) => {
    expect(check({ metric, op, value, tolerance })?.level).toBe(level)
  })

  it('says what was seen', () => {
    expect(check({ metric, op: '=', value: 0.5, tolerance: 0.1 })).toMatchObject({
      name: `expectation: ${metric} (subnet 31)`,
      seen: '0.25',
      expected: '= 0.5 within 0.1',
      why: 'It misses by 0.25.',
    })
  })

  it('fails on a metric without a value', () => {
    expect(check({ metric: 'baseline.rewards.coldkey.gini', op: '<', value: 1 })).toMatchObject({
      level: 'error',
      seen: 'no value',
    })
  })

  it('holds in every subnet unless one is named', () => {
    const valuesOf = new Map([
      [2, values],
      [31, values],
    ])
    const all = { metric, op: '<', value: 1 } as const
    expect(checkExpectations([all], valuesOf).map(({ name }) => name)).toHaveLength(2)
    expect(checkExpectations([{ ...all, subnet: 31 }], valuesOf)).toHaveLength(1)
  })

  it('refuses a metric or a subnet that the run does not have', () => {
    const unknown = expect.objectContaining({ code: 'E602', exitCode: 2 })
    expect(() => check({ metric: 'gini', op: '<', value: 1 })).toThrow(unknown)
    expect(() => requireKnownMetrics([{ metric: 'baseline.paid.nobody', op: '<', value: 1 }], [31])).toThrow(unknown)
    expect(() => check({ metric, subnet: 9, op: '<', value: 1 })).toThrow(unknown)
  })
})
