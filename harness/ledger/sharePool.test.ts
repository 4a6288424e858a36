import { describe, expect, it } from '@jest/globals'
import { safeFloat, type SafeFloat } from './safeFloat.js'
import { valueOf } from './sharePool.js'

const sf = (mantissa: bigint, exponent: number): SafeFloat => ({ mantissa, exponent })
const E20 = 10n ** 20n
const values = (totalRao: bigint, denominator: SafeFloat, shares: Record<string, SafeFloat>) => {
  const pool = { totalRao, denominator, shares: new Map(Object.entries(shares)) }
  return Object.keys(shares).map((coldkey) => valueOf(pool, coldkey))
}

describe('the value of a share', () => {
  const a = sf(10n * E20, -18)
  const b = sf(5n * E20, -18)

  it('follows the pool through deposits, a dividend and a withdrawal', () => {
    expect(values(1_500n, sf(150_000_000_000_000_000_000n, -17), { a, b })).toEqual([1_000n, 500n])
    expect(values(1_800n, sf(150_000_000_000_000_000_000n, -17), { a, b })).toEqual([1_200n, 600n])
    const c = sf(583_333_333_333_333_333_333n, -18)
    const deposited = sf(208_333_333_333_333_333_333n, -17)
    expect(values(2_500n, deposited, { a, b, c })).toEqual([1_200n, 600n, 700n])
    const less = sf(833_333_333_333_333_333_334n, -18)
    const withdrawn = sf(191_666_666_666_666_666_667n, -17)
    expect(values(2_300n, withdrawn, { less, b, c })).toEqual([999n, 599n, 699n])
  })

  it('shows a payout: take to the owner first, then dividends to all', () => {
    const shares = { owner: safeFloat(1_000_179_995_422n), nominator: safeFloat(3_000_000_000_000n) }
    expect(values(4_000_999_999_999n, sf(400_017_999_542_200_000_000n, -8), shares)).toEqual([
      1_000_385_024_239n,
      3_000_614_975_759n,
    ])
  })

  it('is zero in a pool without shares and for strangers', () => {
    expect(values(1_000n, safeFloat(0n), { a })).toEqual([0n])
    expect(valueOf({ totalRao: 5n, denominator: a, shares: new Map() }, 'stranger')).toBe(0n)
  })
})
