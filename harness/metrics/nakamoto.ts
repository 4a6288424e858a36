import { smallestCoalition } from './coalition.js'

/** Nakamoto coefficient: the smallest count of holders that together hold more than 50 % of the total.
 *  @param amounts one amount per holder, rao, any order, zeros allowed
 *  @returns `undefined` if the total is zero */
export function nakamoto(amounts: readonly bigint[]): number | undefined {
  return smallestCoalition(amounts, 0.5)?.count
}
