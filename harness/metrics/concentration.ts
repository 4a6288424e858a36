import { smallestCoalition } from './coalition.js'
import { gini } from './gini.js'
import { hhi } from './hhi.js'
import { lorenz } from './lorenz.js'
import { nakamoto } from './nakamoto.js'
import { topShare } from './topShare.js'

/** Every concentration metric of one distribution; a metric is `undefined` where the total is zero. */
export interface Concentration {
  /** Holders counted, zeros included. */
  readonly population: number
  /** Holders with a non-zero amount. */
  readonly holders: number
  readonly gini: number | undefined
  readonly hhi: number | undefined
  readonly nakamoto: number | undefined
  /** Share of the total held by the top 1 % of the population, rounded up to whole holders. */
  readonly top1: number | undefined
  readonly top10: number | undefined
  /** Smallest count that holds more than 51 %, and its fraction of `holders`. */
  readonly coalition51Count: number | undefined
  readonly coalition51Share: number | undefined
  /** Lorenz curve at 0, 1, ... 100 % of the population. */
  readonly lorenz: readonly number[] | undefined
}

/** @param amounts one amount per holder of the population, zeros included */
export function concentration(amounts: readonly bigint[]): Concentration {
  const coalition = smallestCoalition(amounts)
  return {
    population: amounts.length,
    holders: amounts.filter((amount) => amount > 0n).length,
    gini: gini(amounts),
    hhi: hhi(amounts),
    nakamoto: nakamoto(amounts),
    top1: topShare(amounts, 1),
    top10: topShare(amounts, 10),
    coalition51Count: coalition?.count,
    coalition51Share: coalition?.share,
    lorenz: lorenz(amounts, 100),
  }
}

/** The metrics that are one number. */
export const concentrationMetrics = [
  'gini',
  'hhi',
  'nakamoto',
  'top1',
  'top10',
  'coalition51Count',
  'coalition51Share',
] as const satisfies readonly (keyof Concentration)[]
