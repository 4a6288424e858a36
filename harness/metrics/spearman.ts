import { ascending } from './ascending.js'
import { pearson } from './pearson.js'

/** Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of their ranks.
 *  @param xs, ys paired by position, any integers
 *  @returns `undefined` for fewer than two pairs, or when one side is constant
 *  @see arXiv 2507.02951 */
export function spearman(xs: readonly bigint[], ys: readonly bigint[]): number | undefined {
  return pearson(doubledRanks(xs), doubledRanks(ys))
}

/** Twice the rank of each value, so that the mean rank of ties stays an integer: first + last place of its run of equals. */
function doubledRanks(values: readonly bigint[]): bigint[] {
  const places = new Map<bigint, { first: number; last: number }>()
  ascending(values).forEach((value, i) => {
    const known = places.get(value)
    places.set(value, { first: known?.first ?? i + 1, last: i + 1 })
  })
  return values.map((value) => {
    const { first, last } = places.get(value) ?? { first: 0, last: 0 }
    return BigInt(first + last)
  })
}
