import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { squareRoot } from './squareRoot.js'

it('is the largest integer whose square is not larger', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 300n }), (value) => {
      const root = squareRoot(value)
      expect(root * root <= value && value < (root + 1n) * (root + 1n)).toBe(true)
    }),
  )
})
