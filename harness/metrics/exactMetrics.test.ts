import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { smallestCoalition } from './coalition.js'
import { gini } from './gini.js'
import { hhi } from './hhi.js'
import { lorenz } from './lorenz.js'
import { nakamoto } from './nakamoto.js'
import { topShare } from './topShare.js'

// Every concentration metric a second time, from another formula and in exact fractions; slow, and with nothing shared.

const sum = (amounts: readonly bigint[]) => amounts.reduce((a, b) => a + b, 0n)
const descending = (amounts: readonly bigint[]) => amounts.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0))

/** Cut off at 2^-60, as the metrics are. */
const fraction = (part: bigint, whole: bigint) => Number((part * 2n ** 60n) / whole) / 2 ** 60

/** The least count of the largest whose sum times 100 passes percent times the total, by trying each count. */
const fewest = (amounts: readonly bigint[], percent: bigint) =>
  Array.from({ length: amounts.length }, (_, i) => i + 1).find(
    (count) => sum(descending(amounts).slice(0, count)) * 100n > sum(amounts) * percent,
  )

const amounts = fc
  .array(fc.oneof(fc.bigInt({ min: 0n, max: 21n * 10n ** 15n }), fc.bigInt({ min: 0n, max: 3n })), {
    minLength: 1,
    maxLength: 25,
  })
  .filter((list) => sum(list) > 0n)

const laws: readonly (readonly [string, (list: readonly bigint[]) => void])[] = [
  [
    'Gini is the mean of all differences over twice the mean',
    (list) => {
      const differences = sum(list.flatMap((a) => list.map((b) => (a > b ? a - b : b - a))))
      expect(gini(list)).toBe(fraction(differences, 2n * BigInt(list.length) * sum(list)))
    },
  ],
  [
    'HHI is one less the chance that two rao belong to different holders',
    (list) => {
      const different = sum(list.flatMap((a, i) => list.map((b, j) => (i === j ? 0n : a * b))))
      expect(hhi(list)).toBeCloseTo(1 - fraction(different, sum(list) ** 2n), 15)
    },
  ],
  [
    'top shares are one less what all others hold',
    (list) => {
      for (const percent of [1, 10, 50]) {
        const others = descending(list).slice(Math.ceil((list.length * percent) / 100))
        expect(topShare(list, percent)).toBe(fraction(sum(list) - sum(others), sum(list)))
      }
    },
  ],
  [
    'Nakamoto and the coalition are the fewest that pass 50 and 51 %',
    (list) => {
      expect(nakamoto(list)).toBe(fewest(list, 50n))
      const holders = list.filter((amount) => amount > 0n).length
      const count = fewest(list, 51n) ?? NaN
      expect(smallestCoalition(list)).toEqual({ count, holders, share: count / holders })
    },
  ],
  [
    'the Lorenz curve is that of a population in which each holder is cut into as many equal parts as there are steps',
    (list) => {
      const parts = 20
      const cut = list.flatMap((amount) => Array.from({ length: parts }, () => amount)).sort((a, b) => (a < b ? -1 : 1))
      const points = lorenz(list, parts) ?? []
      expect(points).toHaveLength(parts + 1)
      points.forEach((point, k) => expect(point).toBe(fraction(sum(cut.slice(0, k * list.length)), sum(cut))))
    },
  ],
]

describe('the concentration metrics, from other formulas', () => {
  it.each(laws)('%s', (_, law) => {
    fc.assert(fc.property(amounts, law))
  })
})
