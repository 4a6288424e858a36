import { describe, expect, it } from '@jest/globals'
import type { EpochVectors, Ledger, RewardEntry, Role } from '../ledger/ledger.js'
import { compareConcentration } from './compareConcentration.js'

const vectors = (stakeRao: bigint[], stakeWeight: number[], epoch = 0): EpochVectors => ({
  epoch,
  netuid: 31,
  hotkeys: ['h0', 'h1', 'h2', 'h3'],
  coldkeys: ['wallet', 'wallet', 'other', 'none'],
  stakeRao,
  stakeWeight,
  consensus: [0, 0, 0, 0],
  incentive: [0, 0, 0, 0],
  dividends: [0, 0, 0, 0],
  validatorTrust: [0, 0, 0, 0],
  validatorPermit: [true, true, true, true],
  active: [true, true, true, true],
})
const entry = (hotkey: string, coldkey: string, role: Role, alphaRao: bigint): RewardEntry => ({
  epoch: 0,
  netuid: 31,
  uid: 0,
  hotkey,
  coldkey,
  role,
  alphaRao,
})
const ledger = (entries: RewardEntry[], epochs: EpochVectors[]): Ledger => ({
  entries,
  totals: [
    {
      epoch: 0,
      netuid: 31,
      block: 360,
      drainedRao: 0n,
      paidRao: 0n,
      unpaidRao: 0n,
      unownedRao: 0n,
      slackRao: 0n,
      creditedRao: 0n,
    },
  ],
  vectors: epochs,
})

const baseline = ledger(
  [
    entry('h0', 'wallet', 'validator', 60n),
    entry('h1', 'wallet', 'miner', 20n),
    entry('h0', 'fan', 'nominator', 20n),
    entry('h9', 'boss', 'owner', 500n),
    entry('h9', 'boss', 'burned', 500n),
  ],
  [vectors([600n, 300n, 100n, 0n], [39321, 19660, 6553, 0])],
)
const candidate = ledger(
  [entry('h0', 'wallet', 'validator', 100n), entry('h1', 'wallet', 'miner', 0n), entry('h9', 'boss', 'owner', 500n)],
  [vectors([600n, 300n, 100n, 0n], [21845, 21845, 21845, 0])],
)
const changes = compareConcentration(baseline, candidate)
const find = (distribution: string, unit: string) =>
  changes.find((change) => change.distribution === distribution && change.unit === unit)

describe('compareConcentration', () => {
  it('keeps wallets and hotkeys, stake and rewards apart', () => {
    expect(changes.map(({ distribution, unit }) => `${distribution} ${unit}`)).toEqual([
      'stakeWeights hotkey',
      'stakeWeights coldkey',
      'rewards hotkey',
      'rewards coldkey',
    ])
  })

  it('takes the same population in both arms: all who are paid in one of them', () => {
    const rewards = find('rewards', 'hotkey')
    expect(rewards?.baseline).toMatchObject({ population: 2, holders: 2, top1: 0.8, coalition51Count: 1 })
    expect(rewards?.candidate).toMatchObject({ population: 2, holders: 1, gini: 0.5, hhi: 1 })
  })

  it('adds hotkeys of a wallet, and leaves out the owner cut and what is burned', () => {
    expect(find('rewards', 'coldkey')?.baseline).toMatchObject({ population: 2, top1: 0.8, nakamoto: 1 })
    expect(find('rewards', 'coldkey')?.candidate).toMatchObject({ population: 2, holders: 1 })
  })

  it('measures the stake weights that the epochs counted', () => {
    expect(find('stakeWeights', 'hotkey')?.baseline.nakamoto).toBe(1)
    expect(find('stakeWeights', 'hotkey')?.candidate).toMatchObject({ gini: 0, nakamoto: 2, coalition51Count: 2 })
    expect(find('stakeWeights', 'coldkey')?.candidate).toMatchObject({ population: 2, nakamoto: 1 })
  })

  it('counts stake too small for 16 bits as a holder of next to nothing', () => {
    const dust = ledger([], [vectors([10n ** 15n, 1n, 1n, 0n], [65534, 0, 0, 0])])
    const stake = compareConcentration(dust, dust).find(({ unit }) => unit === 'hotkey')?.baseline
    expect(stake).toMatchObject({ population: 3, holders: 3, coalition51Count: 1, coalition51Share: 1 / 3 })
    expect(stake?.gini).toBeCloseTo(2 / 3, 8)
  })

  it('averages the stake weights over the epochs', () => {
    const two = ledger(
      [],
      [vectors([1n, 1n, 0n, 0n], [60000, 5535, 0, 0]), vectors([1n, 1n, 0n, 0n], [5535, 60000, 0, 0], 1)],
    )
    expect(compareConcentration(two, two)[0]?.baseline).toMatchObject({ population: 2, gini: 0 })
  })

  it('leaves metrics undefined when nobody was paid', () => {
    const nobody = ledger([], [])
    expect(compareConcentration(nobody, nobody)[2]?.baseline).toMatchObject({
      population: 0,
      holders: 0,
      gini: undefined,
    })
  })
})
