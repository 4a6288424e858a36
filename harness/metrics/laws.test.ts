import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { smallestCoalition } from './coalition.js'
import { gini } from './gini.js'
import { hhi } from './hhi.js'
import { lorenz } from './lorenz.js'
import { nakamoto } from './nakamoto.js'
import { topShare } from './topShare.js'

// The laws that hold for every concentration metric; worked values stand beside each metric.
const metrics: Record<string, (amounts: readonly bigint[]) => number | undefined> = {
  gini,
  hhi,
  nakamoto,
  top1: (amounts) => topShare(amounts, 1),
  top10: (amounts) => topShare(amounts, 10),
  coalition51Count: (amounts) => smallestCoalition(amounts)?.count,
  coalition51Share: (amounts) => smallestCoalition(amounts)?.share,
  poorestHalf: (amounts) => lorenz(amounts, 2)?.[1],
}
/** Metrics that rise when wealth concentrates; the others fall. */
const rising = new Set(['gini', 'hhi', 'top1', 'top10'])

const rao = fc.oneof(fc.bigInt({ min: 0n, max: 21n * 10n ** 15n }), fc.bigInt({ min: 0n, max: 9n }))
const distribution = fc.array(rao, { minLength: 1, maxLength: 40 }).filter((amounts) => amounts.some((a) => a > 0n))

describe.each(Object.entries(metrics))('%s', (name, metric) => {
  it('does not change when every amount is scaled', () => {
    fc.assert(
      fc.property(distribution, fc.bigInt({ min: 1n, max: 10n ** 12n }), (amounts, factor) => {
        expect(metric(amounts.map((amount) => amount * factor))).toBe(metric(amounts))
      }),
    )
  })

  it('does not depend on the order of the holders', () => {
    fc.assert(
      fc.property(
        distribution.chain((a) => fc.tuple(fc.constant(a), fc.shuffledSubarray(a, { minLength: a.length }))),
        ([amounts, shuffled]) => {
          expect(metric(shuffled)).toBe(metric(amounts))
        },
      ),
    )
  })

  it('never shows less concentration when the largest holder takes from the smallest non-zero one', () => {
    fc.assert(
      fc.property(distribution, fc.bigInt({ min: 0n, max: 10n ** 16n }), (amounts, wish) => {
        const sorted = amounts.filter((a) => a > 0n).sort((a, b) => (a < b ? -1 : 1))
        const [smallest = 0n] = sorted
        // One unit stays: a holder that drops out changes the population, not the concentration among holders.
        const moved = wish % smallest
        const before = metric(sorted) ?? NaN
        const after = metric([smallest - moved, ...sorted.slice(1, -1), (sorted.at(-1) ?? 0n) + moved]) ?? NaN
        if (sorted.length < 2) return
        if (rising.has(name)) expect(after).toBeGreaterThanOrEqual(before)
        else expect(after).toBeLessThanOrEqual(before)
      }),
    )
  })

  it('is undefined when nobody holds anything', () => {
    expect(metric([])).toBeUndefined()
    expect(metric([0n, 0n])).toBeUndefined()
  })

  it('refuses a negative amount', () => {
    expect(() => metric([5n, -1n])).toThrow(RangeError)
  })
})
