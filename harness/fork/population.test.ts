import { describe, expect, it } from '@jest/globals'
import {
  drawMinerStakes,
  drawStakes,
  drawTake,
  drawUids,
  drawWeights,
  madeUpAccount,
  permittedHotkeys,
  stakeWeights,
} from './population.js'
import { randomStream } from './random.js'

const accounts = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => madeUpAccount(`test/${name}/${index}`))
const wallets = accounts(30, 'wallet').map(({ coldkey }) => coldkey)
const total = (amounts: readonly bigint[]) => amounts.reduce((sum, rao) => sum + rao, 0n)
const TOTAL = 10n ** 15n

describe('drawStakes', () => {
  const validators = accounts(12, 'validator')
  const nomination = { wallets, nominators: [2, 6], quarters: 3 } as const
  const stakes = drawStakes(randomStream(1, 'stakes'), 7, TOTAL, validators, nomination)

  it('divides the whole amount but for what rounding loses', () => {
    const sum = total(stakes.map(({ rao }) => rao))
    expect(sum <= TOTAL && sum > TOTAL - BigInt(stakes.length + validators.length)).toBe(true)
    expect(stakes.every(({ netuid, rao }) => netuid === 7 && rao > 0n)).toBe(true)
  })

  it('gives each hotkey an owner with 10 to 50 % and 2 to 6 different nominators', () => {
    for (const { hotkey, coldkey } of validators) {
      const of = stakes.filter((stake) => stake.hotkey === hotkey)
      const nominators = of.filter((stake) => stake.coldkey !== coldkey).map((stake) => stake.coldkey)
      expect(new Set(nominators).size).toBe(nominators.length)
      expect(nominators.length).toBeGreaterThanOrEqual(2)
      expect(nominators.length).toBeLessThanOrEqual(6)
      const own = Number(of.find((stake) => stake.coldkey === coldkey)?.rao) / Number(total(of.map(({ rao }) => rao)))
      expect(own > 0.099 && own < 0.501).toBe(true)
    }
  })

  it('is more unequal the more quarters', () => {
    const largest = (quarters: number) => {
      const drawn = drawStakes(randomStream(1, 'stakes'), 7, TOTAL, accounts(200, 'many'), { ...nomination, quarters })
      const byHotkey = stakeWeights(drawn, 7, 0n)
      return Number([...byHotkey.values()].reduce((max, rao) => (rao > max ? rao : max), 0n)) / Number(TOTAL)
    }
    expect(largest(0)).toBeCloseTo(1 / 200, 3)
    expect(largest(12)).toBeGreaterThan(largest(3))
    expect(largest(3)).toBeGreaterThan(largest(1))
  })

  it('leaves all to the owner when nobody nominates', () => {
    const alone = drawStakes(randomStream(1, 'x'), 7, TOTAL, validators, { ...nomination, wallets: [] })
    expect(alone.map(({ coldkey }) => coldkey)).toEqual(validators.map(({ coldkey }) => coldkey))
  })
})

it('miners keep their own, some nothing', () => {
  const miners = accounts(500, 'miner')
  const stakes = drawMinerStakes(randomStream(1, 'miners'), 7, TOTAL, miners)
  expect(total(stakes.map(({ rao }) => rao)) <= TOTAL).toBe(true)
  // 400; 9 is the standard deviation.
  expect(Math.abs(stakes.length - 400)).toBeLessThan(45)
})

describe('drawWeights', () => {
  const validators = Array.from({ length: 100 }, (_, uid) => uid)
  const miners = Array.from({ length: 200 }, (_, index) => 100 + index)
  const rows = drawWeights(randomStream(1, 'weights'), validators, miners)

  it('makes rows as the chain stores them', () => {
    for (const [validator, row] of rows) {
      expect(validators).toContain(validator)
      expect(row.map(([uid]) => uid)).toEqual([...new Set(row.map(([uid]) => uid))].sort((a, b) => a - b))
      expect(Math.max(...row.map(([, weight]) => weight))).toBe(65_535)
      expect(row.every(([uid, weight]) => uid >= 100 && Number.isInteger(weight) && weight >= 0)).toBe(true)
      // 190; 3 is the standard deviation.
      expect(Math.abs(row.length - 190)).toBeLessThan(16)
    }
    expect(rows.size).toBeGreaterThan(80)
    expect(rows.size).toBeLessThan(100)
  })

  it('has validators that agree within 1.2 to 0.8 of each other', () => {
    const [[, first] = [], [, second] = []] = rows
    const weights = new Map(second)
    const ratios = (first ?? []).flatMap(([uid, weight]) => {
      const other = weights.get(uid) ?? 0
      return weight > 1_000 && other > 1_000 ? [weight / other] : []
    })
    expect(ratios.length).toBeGreaterThan(20)
    // Rows are scaled to their largest weight, which may itself be 0.8 to 1.2 times its quality.
    expect(Math.max(...ratios) / Math.min(...ratios)).toBeLessThan((1.2 / 0.8) ** 2 * 1.01)
  })
})

it('uids: the owner first, every hotkey once, validators up to date', () => {
  const [first, validators, miners] = [accounts(1, 'owner'), accounts(10, 'validator'), accounts(300, 'miner')]
  const permitted = new Set(validators.slice(0, 4).map(({ hotkey }) => hotkey))
  const uids = drawUids(randomStream(1, 'uids'), { head: 50_000, tempo: 20 }, { first, validators, miners }, permitted)
  expect(uids[0]?.hotkey).toBe(first[0]?.hotkey)
  expect(new Set(uids.map(({ hotkey }) => hotkey)).size).toBe(311)
  expect(
    uids
      .filter(({ permitted: has }) => has)
      .map(({ hotkey }) => hotkey)
      .sort(),
  ).toEqual([...permitted].sort())
  const sets = new Set([...first, ...validators].map(({ hotkey }) => hotkey))
  for (const { hotkey, registeredAt, lastUpdate } of uids) {
    expect(registeredAt >= 10_000 && registeredAt <= 50_000).toBe(true)
    if (sets.has(hotkey)) expect(lastUpdate > 49_980 && registeredAt <= 49_000).toBe(true)
    else expect(lastUpdate).toBe(registeredAt)
  }
  const fresh = uids.filter(({ registeredAt }) => registeredAt > 49_980).length
  expect(fresh).toBeGreaterThan(5)
  expect(fresh).toBeLessThan(40)
})

it('permits the largest stake weights, root stake counted by TaoWeight, none below the threshold', () => {
  const [a, b, c, d] = accounts(4, 'x').map(({ hotkey }) => hotkey) as [
    `0x${string}`,
    `0x${string}`,
    `0x${string}`,
    `0x${string}`,
  ]
  const stake = (hotkey: `0x${string}`, netuid: number, rao: bigint) => ({ hotkey, coldkey: hotkey, netuid, rao })
  const stakes = [stake(a, 7, 100n), stake(a, 8, 900n), stake(b, 0, 1_000n), stake(c, 7, 50n), stake(d, 7, 10n)]
  const weights = stakeWeights(stakes, 7, (1n << 64n) / 5n)
  expect([a, b, c, d].map((hotkey) => weights.get(hotkey))).toEqual([100n, 200n, 50n, 10n])
  expect(permittedHotkeys([a, b, c, d], weights, 0n, 2)).toEqual(new Set([b, a]))
  expect(permittedHotkeys([a, b, c, d], weights, 50n, 9)).toEqual(new Set([b, a, c]))
})

it('takes are none, 9 % and 18 %', () => {
  const random = randomStream(1, 'take')
  expect(new Set(Array.from({ length: 100 }, () => drawTake(random)))).toEqual(new Set([0, 5_898, 11_796]))
})
