import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatPercent, formatRao } from './formatRao.js'

describe('formatRao', () => {
  it.each([
    [0n, {}, '0.000000000'],
    [1n, {}, '0.000000001'],
    [1_234_567_890_123n, {}, '1,234.567890123'],
    [1_234_567_890_123_456_789n, { decimals: 0 }, '1,234,567,890'],
    [123_456_789n, { decimals: 4 }, '0.1235'],
    [999_950_000n, { decimals: 4 }, '1.0000'],
    [999_949_999n, { decimals: 4 }, '0.9999'],
    [-2_500_050_000n, { decimals: 4, sign: true }, '-2.5001'],
    [2_000_000_000n, { decimals: 4, sign: true }, '+2.0000'],
    [0n, { decimals: 4, sign: true }, '0.0000'],
    [12n, { decimals: 4, sign: true }, '+0.000000012'],
    [-12n, { decimals: 4 }, '-0.000000012'],
    [50_000n, { decimals: 4 }, '0.0001'],
  ])('%p %p is %s', (rao, options, text) => {
    expect(formatRao(rao, options)).toBe(text)
  })

  it('loses nothing with nine decimals', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), (rao) => {
        expect(BigInt(formatRao(rao).replace(/[,.]/g, ''))).toBe(rao)
      }),
    )
  })
})

describe('formatPercent', () => {
  it.each([
    [1n, 3n, {}, '33.33 %'],
    [2n, 3n, {}, '66.67 %'],
    [-1n, 8n, { sign: true }, '-12.50 %'],
    [5n, 4n, { sign: true }, '+125.00 %'],
    [1n, 20_000n, {}, '0.01 %'],
    [0n, 7n, { sign: true }, '0.00 %'],
  ])('%p of %p %p is %s', (part, whole, options, text) => {
    expect(formatPercent(part, whole, options)).toBe(text)
  })

  it('is undefined of nothing', () => {
    expect(formatPercent(1n, 0n)).toBeUndefined()
  })
})
