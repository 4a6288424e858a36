import { describe, expect, it } from '@jest/globals'
import { add, mulDiv, safeFloat, safeFloatOfU64F64, toU64 } from './safeFloat.js'

const sf = (mantissa: bigint, exponent: number) => ({ mantissa, exponent })
const E20 = 10n ** 20n
const E21 = 10n ** 21n

describe('canonical form', () => {
  it('has a mantissa above 1e20 and up to 1e21', () => {
    expect(safeFloat(1n)).toEqual(sf(E21, -21))
    expect(safeFloat(10n)).toEqual(sf(E21, -20))
    expect(safeFloat(0n)).toEqual(sf(0n, 0))
    expect(safeFloat(E21)).toEqual(sf(E21, 0))
    expect(safeFloat(E21 + 1n)).toEqual(sf(0n, 0))
  })

  it('comes from a share of the first layout', () => {
    expect(safeFloatOfU64F64(3n << 63n)).toEqual(sf(150000000000000000000n, -20))
    expect(safeFloatOfU64F64(1n)).toEqual(sf(542101086242752217003n, -40))
    expect(safeFloatOfU64F64(0n)).toEqual(sf(0n, 0))
  })
})

describe('add', () => {
  it('drops the digits below the larger exponent', () => {
    expect(add(safeFloat(1n), safeFloat(1n))).toEqual(sf(2n * E20, -20))
    expect(add(safeFloat(123n, 1), safeFloat(1n, 23))).toEqual(sf(100000000000000000001n, 3))
    expect(add(safeFloat(999999999999999999999n), safeFloat(1n, 22))).toEqual(sf(109999999999999999999n, 2))
    expect(add(safeFloat(4200n), safeFloat(1n, 23))).toEqual(sf(100000000000000000004n, 3))
  })

  it('passes a zero operand through', () => {
    expect(add(safeFloat(0n), safeFloat(7n))).toEqual(safeFloat(7n))
    expect(add(safeFloat(7n), safeFloat(0n))).toEqual(safeFloat(7n))
  })
})

describe('mulDiv', () => {
  it('is undefined for a zero divisor', () => {
    expect(mulDiv(safeFloat(1n), safeFloat(1n), safeFloat(0n))).toBeUndefined()
  })

  it('divides exact integers exactly', () => {
    expect(mulDiv(safeFloat(1500n), safeFloat(1000n), safeFloat(1500n))).toEqual(safeFloat(1000n))
  })
})

describe('toU64', () => {
  it('rounds down and saturates', () => {
    expect(toU64(sf(150000000000000000000n, -20))).toBe(1n)
    expect(toU64(safeFloat(123456789n))).toBe(123456789n)
    expect(toU64(sf(E21, 3))).toBe((1n << 64n) - 1n)
    expect(toU64(sf(E21, -60))).toBe(0n)
  })
})
