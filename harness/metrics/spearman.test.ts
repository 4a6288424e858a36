import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { spearman } from './spearman.js'

const small = fc.bigInt({ min: 0n, max: 12n })
const pairs = fc.array(fc.tuple(small, small), { minLength: 2, maxLength: 20 })

/** Mean rank by counting, then the definition in doubles. */
function naive(xs: readonly bigint[], ys: readonly bigint[]): number {
  const ranks = (values: readonly bigint[]) =>
    values.map((v) => values.filter((w) => w < v).length + (values.filter((w) => w === v).length + 1) / 2)
  const [rx, ry] = [ranks(xs), ranks(ys)]
  const mean = (xs.length + 1) / 2
  const sum = (as: readonly number[], bs: readonly number[]) =>
    as.reduce((total, a, i) => total + (a - mean) * ((bs[i] ?? 0) - mean), 0)
  return sum(rx, ry) / Math.sqrt(sum(rx, rx) * sum(ry, ry))
}

describe('spearman', () => {
  it('is -29/165 for the common textbook example of IQ and hours of television', () => {
    const iq = [106n, 100n, 86n, 101n, 99n, 103n, 97n, 113n, 112n, 110n]
    const hours = [7n, 27n, 2n, 50n, 28n, 29n, 20n, 12n, 6n, 17n]
    expect(spearman(iq, hours)).toBeCloseTo(-29 / 165, 15)
  })

  it('shares ranks among equals', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const [xs, ys] = [list.map(([x]) => x), list.map(([, y]) => y)]
        const expected = naive(xs, ys)
        if (Number.isNaN(expected)) expect(spearman(xs, ys)).toBeUndefined()
        else expect(spearman(xs, ys)).toBeCloseTo(expected, 12)
      }),
    )
  })

  it('sees only the order', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const [xs, ys] = [list.map(([x]) => x), list.map(([, y]) => y)]
        expect(
          spearman(
            xs.map((x) => x ** 5n + x),
            ys,
          ),
        ).toBe(spearman(xs, ys))
      }),
    )
  })
})
