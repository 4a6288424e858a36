import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fixed, floor, multiply, ofU16, ONE, subtract } from './fixedPoint.js'
import { sumOfBounds, takeBounds, withinBounds } from './take.js'

describe('takeBounds', () => {
  it('holds the take of the documented payout: 18 % of 1e9 rao', () => {
    expect(takeBounds(820_004_577n, ofU16(11_796n))).toEqual({ lowRao: 179_995_422n, highRao: 179_995_422n })
  })

  it('always holds the take that the chain computes', () => {
    const amounts = fc.bigInt({ min: 0n, max: (10n ** 15n) << 32n })
    fc.assert(
      fc.property(amounts, fc.bigInt({ min: 0n, max: 65_535n }), (pay, parts) => {
        const rate = ofU16(parts)
        const take = multiply(rate, pay)
        expect(withinBounds(floor(take), takeBounds(floor(subtract(pay, take)), rate))).toBe(true)
      }),
    )
  })

  it('leaves one rao of play at most for rates below one half', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.bigInt({ min: 0n, max: 32_767n }), (rest, parts) => {
        const { lowRao, highRao } = takeBounds(rest, ofU16(parts))
        expect((highRao ?? 0n) - lowRao).toBeLessThanOrEqual(1n)
      }),
    )
  })

  it('knows nothing when the validator takes all', () => {
    expect(takeBounds(0n, ONE)).toEqual({ lowRao: 0n, highRao: undefined })
    expect(withinBounds(fixed(1n), takeBounds(0n, ONE))).toBe(true)
  })

  it('allows nothing else than zero when the rate is zero', () => {
    expect(takeBounds(5n, 0n)).toEqual({ lowRao: 0n, highRao: 0n })
    expect(withinBounds(1n, takeBounds(5n, 0n))).toBe(false)
  })

  it('adds', () => {
    expect(sumOfBounds({ lowRao: 1n, highRao: 2n }, { lowRao: 3n, highRao: 5n })).toEqual({ lowRao: 4n, highRao: 7n })
    expect(sumOfBounds({ lowRao: 1n, highRao: undefined }, { lowRao: 3n, highRao: 5n })).toEqual({
      lowRao: 4n,
      highRao: undefined,
    })
  })
})
