import { describe, expect, it } from '@jest/globals'
import { independentYuma, type Row, type YumaInput } from './independentYuma.js'

// Vectors H1 to H4 of the specification; H1 is asserted by the chain's own tests.
const params = {
  block: 1000,
  tempo: 360,
  lastMechanismStepBlock: 640,
  activityCutoff: 5000,
  kappa: 32_767,
  bondsPenalty: 65_535,
  bondsMovingAverage: 900_000,
  maxAllowedValidators: 64,
  stakeThresholdRao: 0n,
}
const input = (stakes: readonly number[], rows: Record<number, Row>, more: Partial<YumaInput> = {}): YumaInput => ({
  params,
  stakeRao: stakes.map(BigInt),
  weights: stakes.map((_, uid) => rows[uid] ?? []),
  bonds: [],
  lastUpdate: stakes.map(() => 900),
  registrationBlock: stakes.map(() => 1),
  permits: stakes.map((_, uid) => uid in rows),
  serverRao: 500_000_000n,
  validatorRao: 500_000_000n,
  ...more,
})
const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)

describe('H1: eight uids over six epochs, bonds carried over', () => {
  const first: Row = [
    [4, 16_383],
    [5, 32_767],
    [6, 49_149],
    [7, 65_535],
  ]
  const steps: {
    change?: readonly [number, Row]
    emission: number[]
    column4: number[]
    column7: number[]
  }[] = [
    {
      emission: [49999998, 99999999, 150000000, 200000001, 49998779, 100000610, 149996337, 200004272],
      column4: [16383, 32767, 49151, 65535],
      column7: [16383, 32767, 49151, 65535],
    },
    {
      change: [0, [[0, 65_535]]],
      emission: [44998351, 101110561, 151667215, 202223870, 49998779, 100000610, 149996337, 200004272],
      column4: [14582, 32767, 49151, 65535],
      column7: [14582, 32767, 49151, 65535],
    },
    {
      change: [1, [[1, 65_535]]],
      emission: [40496805, 90999783, 157929636, 210573773, 49998779, 100000610, 149996337, 200004272],
      column4: [12603, 28321, 49151, 65535],
      column7: [12603, 28321, 49151, 65535],
    },
    {
      change: [2, [[2, 65_535]]],
      emission: [99999999, 199999999, 299999999, 399999999, 0, 0, 0, 0],
      column4: [12602, 28320, 49150, 65535],
      column7: [12602, 28320, 49150, 65535],
    },
    {
      change: [2, [[7, 65_535]]],
      emission: [36443733, 81898628, 163565493, 218092144, 0, 0, 0, 500000000],
      column4: [12601, 28319, 49149, 65535],
      column7: [10951, 24609, 49150, 65535],
    },
    {
      emission: [32799427, 73706612, 168638129, 224855830, 0, 0, 0, 500000000],
      column4: [12600, 28318, 49148, 65535],
      column7: [9559, 21482, 49150, 65535],
    },
  ]

  it('gives every emission and bond to the last digit', () => {
    const rows: Record<number, Row> = { 0: first, 1: first, 2: first, 3: first }
    let bonds: readonly Row[] = []
    for (const { change, emission, column4, column7 } of steps) {
      if (change !== undefined) rows[change[0]] = change[1]
      const permits = Array.from({ length: 8 }, () => true)
      const epoch = independentYuma(input([1, 2, 3, 4, 0, 0, 0, 0], rows, { bonds, permits }))
      const column = (j: number) => epoch.bonds.slice(0, 4).map((row) => row.find(([uid]) => uid === j)?.[1])
      expect(epoch.emissionRao).toEqual(emission.map(BigInt))
      expect(column(4)).toEqual(column4)
      expect(column(7)).toEqual(column7)
      bonds = epoch.bonds
    }
  })
})

describe('H2: a single validator', () => {
  it('halves between server and validator side', () => {
    const epoch = independentYuma(
      input([5, 0, 0], {
        0: [
          [1, 65_535],
          [2, 21_845],
        ],
      }),
    )
    expect(epoch.serverRao).toEqual([0n, 375_000_000n, 125_000_000n])
    expect(epoch.validatorRao).toEqual([500_000_000n, 0n, 0n])
    expect(epoch.incentive).toEqual([0, 49_151, 16_383])
    expect(epoch.dividends).toEqual([65_535, 0, 0])
    expect(epoch.bonds).toEqual([
      [
        [1, 65_535],
        [2, 65_535],
      ],
      [],
      [],
    ])
  })

  it('ignores a weight on oneself, and keeps that of the owner', () => {
    const self = independentYuma(input([5, 0, 0], { 0: [[0, 65_535]] }))
    expect(self.serverRao).toEqual([0n, 0n, 0n])
    expect(self.validatorRao).toEqual([1_000_000_000n, 0n, 0n])
    const owner = independentYuma(input([5, 0, 0], { 0: [[0, 65_535]] }, { params: { ...params, ownerUid: 0 } }))
    expect(owner.serverRao).toEqual([500_000_000n, 0n, 0n])
    expect(owner.validatorRao).toEqual([500_000_000n, 0n, 0n])
    expect(owner.bonds).toEqual([[[0, 65_535]], [], []])
  })
})

describe('H3: two validators disagree', () => {
  const rows = { 0: [[2, 65_535]], 1: [[3, 65_535]] } as const
  const epoch = (kappa: number) => independentYuma(input([5, 5, 0, 0], rows, { params: { ...params, kappa } }))

  it('reaches consensus just below one half', () => {
    expect(epoch(32_767).serverRao).toEqual([0n, 0n, 250_000_000n, 250_000_000n])
    expect(epoch(32_767).validatorRao).toEqual([250_000_000n, 250_000_000n, 0n, 0n])
    expect(epoch(32_767).consensus).toEqual([0, 0, 65_535, 65_535])
    expect(epoch(32_767).incentive).toEqual([0, 0, 32_767, 32_767])
  })

  it('collapses just above: validators get both pools', () => {
    expect(epoch(32_768).consensus).toEqual([0, 0, 0, 0])
    expect(epoch(32_768).serverRao).toEqual([0n, 0n, 0n, 0n])
    expect(epoch(32_768).validatorRao).toEqual([500_000_000n, 500_000_000n, 0n, 0n])
    expect(epoch(32_768).bonds).toEqual([[], [], [], []])
    expect(epoch(32_768).validatorPaidRao.slice(0, 2)).toEqual([499_999_999n, 499_999_999n])
  })

  it('gives permits to the higher uids among equals', () => {
    const equal = independentYuma(input([7, 7, 7, 7, 7], {}, { params: { ...params, maxAllowedValidators: 2 } }))
    expect(equal.permits).toEqual([false, false, false, true, true])
    expect(equal.stakeWeight).toEqual([13_106, 13_106, 13_106, 13_106, 13_106])
  })
})

describe('H4: frozen bonds', () => {
  it('pays miners everything and validators nothing', () => {
    const frozen = { ...params, bondsMovingAverage: 1_000_000 }
    const epoch = independentYuma(input([5, 0, 0], { 0: [[1, 65_535]] }, { params: frozen }))
    expect(epoch.serverRao).toEqual([0n, 1_000_000_000n, 0n])
    expect(epoch.validatorRao).toEqual([0n, 0n, 0n])
    expect(epoch.dividends).toEqual([0, 0, 0])
    expect(epoch.bonds).toEqual([[], [], []])
    expect(epoch.validatorPaidRao).toEqual([0n, 0n, 0n])
  })
})

describe('masks', () => {
  const rows = { 0: [[2, 65_535]], 1: [[3, 65_535]] } as const

  it('counts an update exactly at the cutoff as active', () => {
    const at = (lastUpdate: number) =>
      independentYuma(
        input([6, 4, 0, 0], rows, {
          lastUpdate: [lastUpdate, 900, 900, 900],
          params: { ...params, activityCutoff: 100 },
        }),
      )
    expect(at(900).active[0]).toBe(true)
    expect(at(899).active[0]).toBe(false)
    expect(at(899).incentive).toEqual([0, 0, 0, 65_535])
  })

  it('drops a weight that is not newer than the registration of its target', () => {
    const registered = (block: number) =>
      independentYuma(input([6, 0, 0, 0], { 0: rows[0] }, { registrationBlock: [1, 1, block, 1] })).incentive[2]
    expect(registered(899)).toBe(65_535)
    expect(registered(900)).toBe(0)
  })

  it('drops bonds toward a uid registered since the previous epoch', () => {
    const dividends = (block: number, bonds: Row[]) =>
      independentYuma(input([6, 4, 0, 0], { 0: rows[0], 1: rows[0] }, { bonds, registrationBlock: [1, 1, block, 1] }))
        .dividends
    const old: Row[] = [[], [[2, 65_535]], [], []]
    expect(dividends(640, old)).toEqual([3_932, 61_602, 0, 0])
    expect(dividends(641, old)).toEqual(dividends(641, []))
  })

  it('counts stake at the threshold, not below, and that of the owner', () => {
    const threshold = { ...params, stakeThresholdRao: 5n }
    expect(independentYuma(input([5, 4], {}, { params: threshold })).stakeWeight).toEqual([65_535, 0])
    expect(independentYuma(input([5, 5], {}, { params: threshold })).stakeWeight).toEqual([32_767, 32_767])
    const owner = independentYuma(input([5, 4], {}, { params: { ...threshold, ownerUid: 1 } }))
    expect(owner.stakeWeight).toEqual([36_408, 29_126])
  })
})

describe('stake cap', () => {
  const stakes = [100, 50, 20, 10, 5, 1, 0]
  const permits = [true, true, true, true, false, false, false]
  const weightsUnder = (percentile: number, scope: 'permitted' | 'all', stakeThresholdRao = 0n) =>
    independentYuma(
      input(stakes, {}, { permits, cap: { percentile, scope }, params: { ...params, stakeThresholdRao } }),
    ).stakeWeight
  const weightsOf = (list: readonly number[], stakeThresholdRao = 0n) =>
    independentYuma(input(list, {}, { permits, params: { ...params, stakeThresholdRao } })).stakeWeight

  it.each([
    // Permitted, ascending: 10 20 50 100. Rank ceil(p/100 * 4).
    [75, 'permitted', [50, 50, 20, 10, 5, 1, 0]],
    [75.1, 'permitted', stakes],
    [50, 'permitted', [20, 20, 20, 10, 5, 1, 0]],
    [1, 'permitted', [10, 10, 10, 10, 5, 1, 0]],
    // All non-zero, ascending: 1 5 10 20 50 100.
    [50, 'all', [10, 10, 10, 10, 5, 1, 0]],
    [16, 'all', [1, 1, 1, 1, 1, 1, 0]],
    [88, 'all', stakes],
    [100, 'permitted', stakes],
  ] as const)('at %p over %s equals stakes %p', (percentile, scope, equivalent) => {
    expect(weightsUnder(percentile, scope)).toEqual(weightsOf(equivalent))
  })

  it('leaves permitted uids below the threshold out of the scope', () => {
    // In scope 20 50 100: rank ceil(0.5 * 3) = 2.
    expect(weightsUnder(50, 'permitted', 15n)).toEqual(weightsOf([50, 50, 20, 0, 0, 0, 0], 15n))
  })

  it('can push consensus below kappa', () => {
    // 0 and 1 agree with 60 % of the stake; capped to equals they are two of five.
    const rows: Record<number, Row> = { 0: [[5, 65_535]], 1: [[5, 65_535]], 2: [], 3: [], 4: [] }
    const stake = [300, 300, 140, 130, 130, 0]
    expect(independentYuma(input(stake, rows)).incentive[5]).toBe(65_535)
    const capped = independentYuma(input(stake, rows, { cap: { percentile: 20, scope: 'permitted' } }))
    expect(capped.incentive[5]).toBe(0)
    expect(sum(capped.serverRao)).toBe(0n)
    expect(sum(capped.validatorPaidRao)).toBeGreaterThan(999_999_990n)
  })
})

describe('payout', () => {
  const rows: Record<number, Row> = {
    0: [
      [2, 65_535],
      [3, 21_845],
    ],
    1: [[2, 65_535]],
  }

  it('pays the pools to the rounding of the chain', () => {
    const epoch = independentYuma(input([6, 4, 0, 0], rows, { serverRao: 500n, validatorRao: 700n }))
    expect(sum(epoch.minerPaidRao)).toBe(sum(epoch.serverRao))
    expect(700n - sum(epoch.validatorPaidRao)).toBeLessThanOrEqual(4n)
    expect(sum(epoch.validatorPaidRao)).toBeLessThanOrEqual(700n)
  })

  it('splits take and rest, each rounded down', () => {
    // H12: 10^9 at the default take is 179995422 + 820004577.
    const epoch = independentYuma(
      input([5, 0], { 0: [[1, 65_535]] }, { serverRao: 1_000_000_000n, validatorRao: 1_000_000_000n }),
    )
    expect(epoch.validatorPaidRao[0]).toBe(179_995_422n + 820_004_577n)
    const none = independentYuma(
      input([5, 0], { 0: [[1, 65_535]] }, { serverRao: 1_000_000_000n, validatorRao: 1_000_000_000n, take: [0, 0] }),
    )
    expect(none.validatorPaidRao[0]).toBe(1_000_000_000n)
  })

  it('burns what is withheld', () => {
    const epoch = independentYuma(input([6, 4, 0, 0], rows, { withheld: new Set([2]) }))
    expect(epoch.minerPaidRao[2]).toBe(0n)
    expect(epoch.burnedRao).toBe(epoch.serverRao[2])
  })
})

it('refuses a row that names a uid twice', () => {
  const twice: Row = [
    [1, 1],
    [1, 2],
  ]
  expect(() => independentYuma(input([5, 0], { 0: twice }))).toThrow('row 0 names uid 1 twice')
})
