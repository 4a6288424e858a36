import type { RunResult } from '../runResult.js'
import { axis, legend, still } from './axes.js'
import { figure } from './figure.js'
import type { Markup } from './markup.js'
import { metricValue } from './metricValue.js'
import { placeholder } from './palette.js'
import { table } from './table.js'

/** How many holders together pass 51 %, before and after. */
export async function coalitionFigure({ concentration }: RunResult, netuid: number): Promise<Markup | undefined> {
  const rows = concentration.filter((change) => change.baseline.coalition51Count !== null)
  if (rows.length === 0) return undefined
  const label = ({ distribution, unit }: (typeof rows)[number]) =>
    `${distribution === 'rewards' ? 'rewards' : 'stake weights'}, ${unit === 'hotkey' ? 'hotkeys' : 'wallets'}`
  const stake = rows.find(({ distribution, unit }) => distribution === 'stakeWeights' && unit === 'hotkey')
  const says =
    stake === undefined
      ? 'The fewest holders that together have more than 51 %.'
      : `${stake.baseline.coalition51Count ?? 0} hotkeys hold 51 % of the stake weights before, ` +
        `${stake.candidate.coalition51Count ?? 0} after (${metricValue('coalition51Share', stake.baseline.coalition51Share)} and ` +
        `${metricValue('coalition51Share', stake.candidate.coalition51Share)} of the holders). More is safer.`
  const bars = (arm: 'baseline' | 'candidate') => ({
    type: 'bar',
    name: arm,
    ...still,
    barWidth: 14,
    barGap: '20%',
    itemStyle: { color: placeholder(arm) },
    label: { show: true, position: 'right', color: placeholder('ink'), fontSize: 12 },
    data: rows.map((row) => row[arm].coalition51Count ?? 0),
  })
  return figure({
    name: `coalition-${netuid}`,
    title: 'Size of a 51 % coalition',
    says,
    chart: {
      height: 60 + 56 * rows.length,
      option: {
        legend,
        grid: { left: 156, right: 40, top: 32, bottom: 24 },
        xAxis: axis('value', '', { minInterval: 1 }),
        yAxis: axis('category', '', {
          inverse: true,
          data: rows.map(label),
          axisLabel: { color: placeholder('ink'), fontSize: 12, interval: 0 },
        }),
        series: [bars('baseline'), bars('candidate')],
      },
    },
    table: table(
      says,
      [
        { title: 'of' },
        { title: 'members, baseline', numeric: true },
        { title: 'candidate', numeric: true },
        { title: 'share of holders, baseline', numeric: true },
        { title: 'candidate', numeric: true },
      ],
      rows.map((row) => [
        label(row),
        row.baseline.coalition51Count ?? 0,
        row.candidate.coalition51Count ?? 0,
        metricValue('coalition51Share', row.baseline.coalition51Share),
        metricValue('coalition51Share', row.candidate.coalition51Share),
      ]),
    ),
  })
}
