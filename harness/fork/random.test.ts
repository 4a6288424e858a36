import { describe, expect, it } from '@jest/globals'
import { randomStream } from './random.js'

const draws = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw)

describe('a random stream', () => {
  it('is SplitMix64: the first numbers as written out by hand', () => {
    // blake2_256("1/x") starts with 3795f049e4cfecc0: state 0xc0eccfe449f09537, read from its top 32 bits.
    const stream = randomStream(1, 'x')
    expect(draws(3, () => stream.below(2 ** 32))).toEqual([3374177436, 3812308920, 1137031475])
  })

  it('is the same again, and another for another seed or label', () => {
    const of = (seed: number, label: string) => {
      const stream = randomStream(seed, label)
      return draws(20, () => stream.below(1_000_000))
    }
    expect(of(7, 'stakes')).toEqual(of(7, 'stakes'))
    expect(of(8, 'stakes')).not.toEqual(of(7, 'stakes'))
    expect(of(7, 'weights')).not.toEqual(of(7, 'stakes'))
  })

  it('draws every number of a range about as often', () => {
    const stream = randomStream(1, 'range')
    const counts = new Map<number, number>()
    for (const value of draws(10_000, () => stream.between(3, 7))) counts.set(value, (counts.get(value) ?? 0) + 1)
    expect([...counts.keys()].sort()).toEqual([3, 4, 5, 6, 7])
    // 2,000 each; 40 is their standard deviation.
    for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(200)
  })

  it.each([1, 4, 8])('has the quantiles of a Pareto distribution at %i quarters', (quarters) => {
    const stream = randomStream(1, 'pareto')
    const values = draws(10_001, () => Number(stream.pareto(quarters)) / 2 ** 32).sort((a, b) => a - b)
    expect(values[0]).toBeGreaterThanOrEqual(1)
    for (const quantile of [0.1, 0.5, 0.9]) {
      const expected = (1 - quantile) ** (-quarters / 4)
      expect((values[quantile * 10_000] ?? 0) / expected).toBeCloseTo(1, 0.5)
    }
  })

  it('picks different elements, all of them when there are fewer', () => {
    const stream = randomStream(1, 'pick')
    const from = Array.from({ length: 50 }, (_, index) => index)
    const picked = stream.pick(from, 10)
    expect(new Set(picked).size).toBe(10)
    expect(picked).not.toEqual(from.slice(0, 10))
    expect(stream.pick(from, 80).sort((a, b) => a - b)).toEqual(from)
    expect(stream.pick([], 3)).toEqual([])
  })
})
