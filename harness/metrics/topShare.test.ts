import { describe, expect, it } from '@jest/globals'
import { topShare } from './topShare.js'

describe('topShare', () => {
  it('takes the largest holders', () => {
    expect(topShare([10n, 70n, 20n, 0n], 25)).toBe(0.7)
    expect(topShare([10n, 70n, 20n, 0n], 50)).toBe(0.9)
    expect(topShare([10n, 70n, 20n, 0n], 100)).toBe(1)
  })

  it('rounds the count of holders up', () => {
    const amounts = Array.from({ length: 256 }, (_, i) => (i < 4 ? 1n : 0n))
    expect(topShare(amounts, 1)).toBe(0.75)
    expect(topShare(amounts.slice(0, 100), 1)).toBe(0.25)
    expect(topShare([6n, 4n], 1)).toBe(0.6)
  })

  it.each([0, 101, 1.5, NaN])('refuses %p %', (percent) => {
    expect(() => topShare([1n], percent)).toThrow(RangeError)
  })
})
