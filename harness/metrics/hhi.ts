import { ratio } from './ratio.js'
import { total } from './total.js'

/** Herfindahl-Hirschman index: the sum of squared shares, 1/n (all equal) to 1 (one holder has all). Zeros change nothing.
 *  @param amounts one amount per holder, rao, any order
 *  @returns `undefined` if the total is zero */
export function hhi(amounts: readonly bigint[]): number | undefined {
  const sum = total(amounts)
  if (sum === 0n) return undefined
  return ratio(
    amounts.reduce((acc, amount) => acc + amount * amount, 0n),
    sum * sum,
  )
}
