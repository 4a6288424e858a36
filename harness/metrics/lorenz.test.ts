import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { lorenz } from './lorenz.js'

describe('lorenz', () => {
  it('is the diagonal when all hold the same', () => {
    expect(lorenz([5n, 5n, 5n, 5n], 4)).toEqual([0, 0.25, 0.5, 0.75, 1])
  })

  it('interpolates inside a holder', () => {
    expect(lorenz([1n, 3n], 4)).toEqual([0, 0.125, 0.25, 0.625, 1])
    expect(lorenz([0n, 0n, 8n], 2)).toEqual([0, 0, 1])
  })

  it('rises from 0 to 1 and is convex', () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 20 }), (list, steps) => {
        fc.pre(list.some((a) => a > 0n))
        const points = lorenz(list, steps) ?? []
        expect(points).toHaveLength(steps + 1)
        expect(points[0]).toBe(0)
        expect(points.at(-1)).toBe(1)
        const rises = points.slice(1).map((y, i) => y - (points[i] ?? NaN))
        rises.forEach((rise, i) => expect(rise).toBeGreaterThanOrEqual((rises[i - 1] ?? 0) - 1e-12))
      }),
    )
  })

  it.each([0, 1.5])('refuses %p steps', (steps) => {
    expect(() => lorenz([1n], steps)).toThrow(RangeError)
  })
})
