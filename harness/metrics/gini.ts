import { ascending } from './ascending.js'
import { ratio } from './ratio.js'
import { total } from './total.js'

/** Gini coefficient G = sum_i (2i - n - 1) x_i / (n sum x), x ascending, i from 1; no small-sample correction, so
 *  0 <= G <= 1 - 1/n. The ratio is taken of exact integers.
 *  @param amounts one amount per holder, rao, any order; zeros count as holders, so both arms must pass the same population
 *  @returns `undefined` if the total is zero
 *  @see arXiv 2507.02951 (Gini of stake and of rewards) */
export function gini(amounts: readonly bigint[]): number | undefined {
  const sum = total(amounts)
  if (sum === 0n) return undefined
  const n = BigInt(amounts.length)
  const weighted = ascending(amounts).reduce((acc, amount, i) => acc + (2n * BigInt(i + 1) - n - 1n) * amount, 0n)
  return ratio(weighted, n * sum)
}
