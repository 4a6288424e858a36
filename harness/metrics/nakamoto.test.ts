import { describe, expect, it } from '@jest/globals'
import { nakamoto } from './nakamoto.js'

describe('nakamoto', () => {
  it.each([
    [[51n, 49n], 1],
    [[50n, 50n], 2],
    [[1n, 1n, 1n, 1n], 3],
    [[40n, 30n, 20n, 10n, 0n], 2],
    [[1n, 1n, 1n, 1n, 1n, 0n], 3],
  ])('of %p is %p', (amounts, expected) => {
    expect(nakamoto(amounts)).toBe(expected)
  })
})
