import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { gini } from './gini.js'
import { lorenz } from './lorenz.js'

describe('gini', () => {
  it.each([
    [[1n, 1n, 1n, 1n], 0],
    [[0n, 0n, 0n, 8n], 0.75],
    [[1n, 3n], 0.25],
    [[1n, 2n, 3n, 4n], 0.25],
    [[7n], 0],
  ])('of %p is %p', (amounts, expected) => {
    expect(gini(amounts)).toBe(expected)
  })

  it('counts zeros as holders', () => {
    expect(gini([5n, 5n])).toBe(0)
    expect(gini([5n, 5n, 0n, 0n])).toBe(0.5)
  })

  it('is half the relative mean absolute difference', () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(amounts, (list) => {
        const numbers = list.map(Number)
        const sum = numbers.reduce((a, b) => a + b, 0)
        fc.pre(sum > 0)
        const differences = numbers.flatMap((a) => numbers.map((b) => Math.abs(a - b))).reduce((a, b) => a + b, 0)
        expect(gini(list)).toBeCloseTo(differences / (2 * numbers.length * sum), 10)
      }),
    )
  })

  it('is one minus twice the area under the Lorenz curve', () => {
    const amounts = [3n, 0n, 11n, 5n, 5n, 40n]
    const points = lorenz(amounts, amounts.length) ?? []
    const area = points.slice(1).reduce((sum, y, i) => sum + (y + (points[i] ?? 0)) / 2 / amounts.length, 0)
    expect(gini(amounts)).toBeCloseTo(1 - 2 * area, 12)
  })
})
