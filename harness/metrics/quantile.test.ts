import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { quantile } from './quantile.js'

describe('quantile', () => {
  // What R's quantile(type = 7) and NumPy's default give.
  it.each([
    [[1, 2, 3, 4], 0.25, 1.75],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4], 0.75, 3.25],
    [[6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], 0.25, 25.5],
    [[6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], 0.75, 42.5],
    [[5], 0.3, 5],
  ])('of %p at %p is %p', (sorted, q, expected) => {
    expect(quantile(sorted, q)).toBeCloseTo(expected, 12)
  })

  it('lies within the values and never falls as q rises', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        values,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, p, q) => {
          const sorted = list.toSorted((a, b) => a - b)
          const [low, high] = [quantile(sorted, Math.min(p, q)), quantile(sorted, Math.max(p, q))]
          expect(low).toBeLessThanOrEqual(high + 1e-9)
          expect(low).toBeGreaterThanOrEqual(sorted[0] ?? NaN)
          expect(high).toBeLessThanOrEqual((sorted.at(-1) ?? NaN) + 1e-9)
        },
      ),
    )
  })

  it('refuses no values, and a q that is no fraction', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError)
    expect(() => quantile([1], 1.5)).toThrow(RangeError)
    expect(() => quantile([1], NaN)).toThrow(RangeError)
  })
})
