import { describe, expect, it } from '@jest/globals'
import { randomStream } from '../fork/random.js'
import { BOOTSTRAP, spread } from './spread.js'

const random = randomStream(3, 'spread test')
const values = Array.from({ length: 100 }, (_, i) => random.below(1000) / 1000 + i / 100)

/** The same interval the long way round: every resample as a list of its own, its median by sorting. */
function naiveInterval(list: readonly number[], length: number): readonly [number, number] {
  const draws = randomStream(BOOTSTRAP.seed, `bootstrap/${list.length}/${length}`)
  const middle = (sorted: readonly number[]) =>
    sorted.length % 2 === 1
      ? (sorted[(sorted.length - 1) / 2] ?? NaN)
      : ((sorted[sorted.length / 2 - 1] ?? NaN) + (sorted[sorted.length / 2] ?? NaN)) / 2
  const medians = Array.from({ length: BOOTSTRAP.resamples }, () => {
    const blocks = Array.from({ length: Math.ceil(list.length / length) }, () => draws.below(list.length)).map(
      (start) => Array.from({ length }, (_, i) => list[(start + i) % list.length] ?? NaN),
    )
    return middle(
      blocks
        .flat()
        .slice(0, list.length)
        .sort((a, b) => a - b),
    )
  }).sort((a, b) => a - b)
  // 999 gaps between 1,000 medians: 2.5 % lies 24.975 gaps up.
  const at = (position: number) => {
    const below = medians[Math.floor(position)] ?? NaN
    return below + ((medians[Math.floor(position) + 1] ?? NaN) - below) * (position % 1)
  }
  return [at(24.975), at(974.025)]
}

describe('spread', () => {
  it('gives median and quartiles', () => {
    expect(spread([3, 1, 2, 4], 'epochs')).toEqual({
      count: 4,
      median: 2.5,
      q1: 1.75,
      q3: 3.25,
      low: undefined,
      high: undefined,
    })
  })

  it.each([
    ['epochs', 5],
    ['subnets', 1],
  ] as const)('resamples %s in blocks of %i', (over, length) => {
    const { low, high } = spread(values, over) ?? {}
    const [naiveLow, naiveHigh] = naiveInterval(values, length)
    expect(low).toBeCloseTo(naiveLow, 9)
    expect(high).toBeCloseTo(naiveHigh, 9)
  })

  it('is wider where neighbouring epochs are alike', () => {
    const width = (over: 'epochs' | 'subnets') => {
      const { low = NaN, high = NaN } = spread(values, over) ?? {}
      return high - low
    }
    expect(width('epochs')).toBeGreaterThan(1.2 * width('subnets'))
  })

  it('holds the median of a steady series between its bounds, which move with it', () => {
    const steady = values.map((value, i) => value - i / 100)
    const { median = NaN, low = NaN, high = NaN } = spread(steady, 'epochs') ?? {}
    expect(low).toBeLessThan(median)
    expect(high).toBeGreaterThan(median)
    const shifted = spread(
      steady.map((value) => 2 * value + 8),
      'epochs',
    )
    expect(shifted?.low).toBeCloseTo(2 * low + 8, 9)
    expect(shifted?.high).toBeCloseTo(2 * high + 8, 9)
  })

  it('has no width where nothing varies, and no interval for few values', () => {
    expect(spread([2, 2, 2, 2, 2], 'epochs')).toMatchObject({ low: 2, high: 2 })
    expect(spread([1, 2, 3, 4], 'subnets')?.low).toBeUndefined()
    expect(spread([1, 2, 3, 4, 5], 'subnets')?.low).toBeGreaterThanOrEqual(1)
  })

  it('leaves out what has no value', () => {
    expect(spread([undefined, 1, undefined, 3], 'epochs')).toMatchObject({ count: 2, median: 2 })
    expect(spread([undefined], 'epochs')).toBeUndefined()
  })
})
