import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { smallestCoalition } from './coalition.js'

describe('smallestCoalition', () => {
  it('needs 2 of 4 when the two largest hold 60 %', () => {
    expect(smallestCoalition([30n, 20n, 30n, 20n])).toEqual({ count: 2, holders: 4, share: 0.5 })
  })

  it('needs strictly more than the share', () => {
    expect(smallestCoalition([51n, 49n])?.count).toBe(2)
    expect(smallestCoalition([52n, 48n])?.count).toBe(1)
    expect(smallestCoalition([510_001n, 489_999n])?.count).toBe(1)
  })

  it('counts only holders with a non-zero amount in the fraction', () => {
    expect(smallestCoalition([90n, 10n, 0n, 0n])).toEqual({ count: 1, holders: 2, share: 0.5 })
  })

  it('is exact where doubles are not', () => {
    const half = 2n ** 80n
    expect(smallestCoalition([half, half - 1n], 0.5)?.count).toBe(1)
    expect(smallestCoalition([half, half], 0.5)?.count).toBe(2)
  })

  it('is the smallest of all subsets that hold more than the share', () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 50n }), { minLength: 1, maxLength: 9 })
    const percent = fc.integer({ min: 1, max: 99 })
    fc.assert(
      fc.property(amounts, percent, (list, p) => {
        const sum = list.reduce((a, b) => a + b, 0n)
        fc.pre(sum > 0n)
        const sizes = Array.from({ length: 2 ** list.length }, (_, subset) => {
          const members = list.filter((_, i) => (subset >> i) & 1)
          return members.reduce((a, b) => a + b, 0n) * 100n > sum * BigInt(p) ? members.length : Infinity
        })
        expect(smallestCoalition(list, p / 100)?.count).toBe(Math.min(...sizes))
      }),
    )
  })

  it.each([0, 1, -0.1, 1.5, NaN, 0.1234567])('refuses the share %p', (share) => {
    expect(() => smallestCoalition([1n], share)).toThrow(RangeError)
  })
})
