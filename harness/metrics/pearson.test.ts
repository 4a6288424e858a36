import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { pearson } from './pearson.js'

const pairs = fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.bigInt({ min: 0n, max: 65_535n })), {
  minLength: 2,
  maxLength: 30,
})
const sides = (list: readonly (readonly [bigint, bigint])[]) => [list.map(([x]) => x), list.map(([, y]) => y)] as const

/** From the definition: covariance over the product of the deviations, in doubles. */
function naive(xs: readonly bigint[], ys: readonly bigint[]): number {
  const mean = (values: readonly bigint[]) => values.reduce((sum, v) => sum + Number(v), 0) / values.length
  const [meanX, meanY] = [mean(xs), mean(ys)]
  const products = (as: readonly bigint[], meanA: number, bs: readonly bigint[], meanB: number) =>
    as.reduce((sum, a, i) => sum + (Number(a) - meanA) * (Number(bs[i]) - meanB), 0)
  return products(xs, meanX, ys, meanY) / Math.sqrt(products(xs, meanX, xs, meanX) * products(ys, meanY, ys, meanY))
}

describe('pearson', () => {
  it('is what is known of the four sets of Anscombe (1973): 0.816 each', () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    const x4 = [8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8]
    const sets = [
      [x, [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]],
      [x, [9.14, 8.14, 8.74, 8.77, 9.26, 8.1, 6.13, 3.1, 9.13, 7.26, 4.74]],
      [x, [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73]],
      [x4, [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.5, 5.56, 7.91, 6.89]],
    ] as const
    const known = [0.81642, 0.81624, 0.81629, 0.81652]
    for (const [i, [xs, ys]] of sets.entries()) {
      const hundredths = (values: readonly number[]) => values.map((v) => BigInt(Math.round(v * 100)))
      expect(pearson(hundredths(xs), hundredths(ys))).toBeCloseTo(known[i] ?? NaN, 5)
    }
  })

  it('is exactly 1 and -1 on a line, whatever its slope', () => {
    const xs = [1n, 2n, 5n, 10n ** 15n]
    expect(
      pearson(
        xs,
        xs.map((x) => 3n * x + 7n),
      ),
    ).toBe(1)
    expect(
      pearson(
        xs,
        xs.map((x) => -x),
      ),
    ).toBe(-1)
  })

  it('is what the definition gives', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const [xs, ys] = sides(list)
        const r = pearson(xs, ys)
        if (new Set(xs).size === 1 || new Set(ys).size === 1) expect(r).toBeUndefined()
        // Doubles cannot tell values apart that differ only in their last digits.
        else if (Number.isFinite(naive(xs, ys))) expect(r).toBeCloseTo(naive(xs, ys), 4)
      }),
    )
  })

  it('does not change when a side is scaled or shifted, turns with its sign, and is symmetric', () => {
    fc.assert(
      fc.property(pairs, fc.bigInt({ min: 1n, max: 10n ** 9n }), fc.bigInt(), (list, factor, shift) => {
        const [xs, ys] = sides(list)
        const r = pearson(xs, ys)
        expect(
          pearson(
            xs.map((x) => factor * x + shift),
            ys,
          ),
        ).toBe(r)
        expect(
          pearson(
            xs.map((x) => -x),
            ys,
          ),
        ).toBe(r === undefined ? r : -r)
        expect(pearson(ys, xs)).toBe(r)
        if (r !== undefined) expect(Math.abs(r)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('has no value without variance or pairs', () => {
    expect(pearson([], [])).toBeUndefined()
    expect(pearson([1n], [1n])).toBeUndefined()
    expect(pearson([1n, 1n], [1n, 2n])).toBeUndefined()
    expect(() => pearson([1n], [])).toThrow(RangeError)
  })
})
