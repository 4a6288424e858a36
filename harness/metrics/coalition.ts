import { ascending } from './ascending.js'
import { total } from './total.js'

export interface Coalition {
  /** Members of the coalition. */
  readonly count: number
  /** Holders with a non-zero amount. */
  readonly holders: number
  /** count / holders. */
  readonly share: number
}

/** Smallest group of holders that together hold more than `share` of the total.
 *  @param amounts one amount per holder, rao, any order, zeros allowed
 *  @param share   0 < share < 1, six decimals; the paper uses 0.51
 *  @returns count of holders and their fraction of all holders with a non-zero amount; `undefined` if the total is zero
 *  @throws RangeError for a share outside its range or finer than 10^-6 (it is compared in exact integers)
 *  @see arXiv 2507.02951 (51 % coalition) */
export function smallestCoalition(amounts: readonly bigint[], share = 0.51): Coalition | undefined {
  const millionths = Math.round(share * 1e6)
  if (!(share > 0 && share < 1) || Math.abs(share * 1e6 - millionths) > 1e-6) {
    throw new RangeError('A coalition needs a share between 0 and 1 with at most six decimals.')
  }
  const sum = total(amounts)
  if (sum === 0n) return undefined
  const needed = BigInt(millionths) * sum
  let held = 0n
  let count = 0
  for (const amount of ascending(amounts).reverse()) {
    if (held * 1_000_000n > needed) break
    held += amount
    count += 1
  }
  const holders = amounts.filter((amount) => amount > 0n).length
  return { count, holders, share: count / holders }
}
