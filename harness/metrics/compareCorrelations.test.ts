import { describe, expect, it } from '@jest/globals'
import type { EpochVectors, Ledger, RewardEntry, Role } from '../ledger/ledger.js'
import { compareCorrelations } from './compareCorrelations.js'
import { neurons } from './neurons.js'
import { pearson } from './pearson.js'
import { spearman } from './spearman.js'

const hotkeys = ['v1', 'v2', 'v3', 'm1', 'm2', 'idle']
const coldkeys = ['whale', 'whale', 'other', 'm1c', 'm2c', 'idlec']
const vectors = (epoch: number, stakeRao: bigint[], validatorTrust: number[], consensus: number[]): EpochVectors => ({
  epoch,
  netuid: 1,
  hotkeys,
  coldkeys,
  stakeRao,
  stakeWeight: [],
  consensus,
  incentive: [],
  dividends: [],
  validatorTrust,
  validatorPermit: [],
  active: [],
})
const entry = (hotkey: string, role: Role, alphaRao: bigint, coldkey = 'x'): RewardEntry => {
  return { epoch: 0, netuid: 1, uid: hotkeys.indexOf(hotkey), hotkey, coldkey, role, alphaRao }
}
const totals = [0, 1].map((epoch) => {
  const none = { drainedRao: 0n, paidRao: 0n, unpaidRao: 0n, unownedRao: 0n, slackRao: 0n, creditedRao: 0n }
  return { epoch, netuid: 1, block: epoch, ...none }
})
const baseline: Ledger = {
  totals,
  vectors: [
    vectors(0, [100n, 50n, 30n, 1n, 2n, 9n], [60_000, 50_000, 65_000, 0, 0, 0], [0, 0, 0, 200, 100, 0]),
    vectors(1, [110n, 50n, 31n, 1n, 2n, 9n], [61_000, 50_000, 65_000, 0, 0, 0], [0, 0, 0, 250, 120, 0]),
  ],
  entries: [
    entry('v1', 'validator', 70n),
    entry('v1', 'nominator', 30n, 'fan'),
    entry('v1', 'root', 5n, 'rooted'),
    entry('v2', 'validator', 40n),
    entry('v3', 'validator', 20n),
    entry('m1', 'miner', 80n),
    entry('m2', 'miner', 30n),
    entry('v1', 'owner', 1000n),
    entry('parent', 'validator', 77n),
  ],
}
const candidate: Ledger = { ...baseline, entries: baseline.entries.filter(({ hotkey }) => hotkey !== 'm2') }

describe('neurons', () => {
  it('adds up stake, performance and what a hotkey earned as miner and as validator, nominators and root included', () => {
    expect(neurons(baseline).get(1)?.get('v1')).toEqual({
      netuid: 1,
      hotkey: 'v1',
      coldkey: 'whale',
      uid: 0,
      stakeRao: 210n,
      consensus: 0n,
      validatorTrust: 121_000n,
      minerRao: 0n,
      validatorRao: 105n,
    })
    expect(neurons(baseline).get(1)?.has('parent')).toBe(false)
  })
})

describe('compareCorrelations', () => {
  const changes = compareCorrelations(baseline, candidate)
  const of = (role: string, unit: string) => changes.find((change) => change.role === role && change.unit === unit)

  it('correlates the paid of a role, hotkey by hotkey', () => {
    const [stake, trust, reward] = [
      [210n, 100n, 61n],
      [121_000n, 100_000n, 130_000n],
      [105n, 40n, 20n],
    ] as const
    expect(of('validator', 'hotkey')).toMatchObject({
      population: 3,
      baseline: {
        stakeReward: { pearson: pearson(stake, reward), spearman: 1 },
        stakePerformance: { pearson: pearson(stake, trust), spearman: spearman(stake, trust) },
        performanceReward: { pearson: pearson(trust, reward), spearman: spearman(trust, reward) },
      },
    })
  })

  it('adds the hotkeys of a wallet, and takes their mean performance', () => {
    const [stake, trust, reward] = [
      [310n, 61n],
      [110_500n, 130_000n],
      [145n, 20n],
    ] as const
    expect(of('validator', 'coldkey')).toMatchObject({
      population: 2,
      baseline: {
        stakeReward: { pearson: pearson(stake, reward) },
        performanceReward: { pearson: pearson(trust, reward) },
      },
    })
  })

  it('keeps the population of both arms, those that one stops paying included', () => {
    expect(of('miner', 'hotkey')).toMatchObject({ population: 2, candidate: { performanceReward: { pearson: 1 } } })
    expect(of('miner', 'hotkey')?.baseline.stakeReward.pearson).toBe(-1)
  })

  it('has no value where nobody is paid', () => {
    const nobody = { ...baseline, entries: [] }
    const [first] = compareCorrelations(nobody, nobody)
    expect(first).toMatchObject({
      population: 0,
      baseline: { stakeReward: { pearson: undefined, spearman: undefined } },
    })
  })
})
