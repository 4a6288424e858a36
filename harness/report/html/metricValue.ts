import type { RunResult } from '../runResult.js'

type Metric = RunResult['series'][number]['metric']

export const metricTitles: Readonly<Record<Metric, string>> = {
  gini: 'Gini coefficient',
  hhi: 'HHI',
  nakamoto: 'Nakamoto coefficient',
  top1: 'share of the top 1 %',
  top10: 'share of the top 10 %',
  coalition51Count: '51 % coalition: members',
  coalition51Share: '51 % coalition: share of holders',
}

const shares: readonly Metric[] = ['top1', 'top10', 'coalition51Share']

/** A metric as it is read: shares in percent, counts whole, indices with four digits; a dash without a value.
 *  @param sign writes + before a rise, and a share's change in percentage points */
export function metricValue(metric: Metric, value: number | null | undefined, sign = false): string {
  if (value === null || value === undefined) return '–'
  const plus = sign && value > 0 ? '+' : ''
  if (shares.includes(metric)) return `${plus}${(value * 100).toFixed(2)} ${sign ? 'pp' : '%'}`
  if (metric === 'gini' || metric === 'hhi') return plus + value.toFixed(4)
  return plus + (Number.isInteger(value) ? String(value) : value.toFixed(1))
}
