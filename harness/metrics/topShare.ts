import { ascending } from './ascending.js'
import { ratio } from './ratio.js'
import { total } from './total.js'

/** Share of the total that the top `percent` % of holders hold. The count of holders is rounded up, so it is never zero:
 *  the top 1 % of 256 are 3 holders.
 *  @param amounts one amount per holder, rao, any order; zeros count as holders, so both arms must pass the same population
 *  @param percent an integer from 1 to 100; the paper uses 1
 *  @returns `undefined` if the total is zero
 *  @see arXiv 2507.02951 (share of the top 1 %) */
export function topShare(amounts: readonly bigint[], percent: number): number | undefined {
  if (!Number.isInteger(percent) || percent < 1 || percent > 100) {
    throw new RangeError('The top of a distribution is an integer percentage from 1 to 100.')
  }
  const sum = total(amounts)
  if (sum === 0n) return undefined
  const count = Math.ceil((amounts.length * percent) / 100)
  return ratio(total(ascending(amounts).slice(-count)), sum)
}
