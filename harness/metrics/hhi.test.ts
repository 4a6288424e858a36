import { describe, expect, it } from '@jest/globals'
import { hhi } from './hhi.js'

describe('hhi', () => {
  it.each([
    [[9n], 1],
    [[1n, 1n, 1n, 1n], 0.25],
    [[3n, 1n], 0.625],
    [[3n, 1n, 0n, 0n], 0.625],
  ])('of %p is %p', (amounts, expected) => {
    expect(hhi(amounts)).toBe(expected)
  })

  it('agrees with squared shares in floating point on stakes of a subnet', () => {
    const stakes = [1_252_289_243_810_697n, 702_552_235_987_125n, 530_896_433_158_914n, 2_516n, 989_569_760n]
    const sum = stakes.map(Number).reduce((a, b) => a + b)
    expect(hhi(stakes)).toBeCloseTo(
      stakes.reduce((acc, stake) => acc + (Number(stake) / sum) ** 2, 0),
      12,
    )
  })
})
