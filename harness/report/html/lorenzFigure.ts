import type { RunResult } from '../runResult.js'
import { axis, legend, still } from './axes.js'
import { figure } from './figure.js'
import type { Markup } from './markup.js'
import { metricValue } from './metricValue.js'
import { placeholder } from './palette.js'
import { table } from './table.js'

/** How unequally stake weights or rewards are held by hotkeys, before and after. */
export async function lorenzFigure(
  { concentration }: RunResult,
  netuid: number,
  distribution: 'stakeWeights' | 'rewards',
): Promise<Markup | undefined> {
  const own = concentration.find((change) => change.distribution === distribution && change.unit === 'hotkey')
  const [before, after] = [own?.baseline.lorenz, own?.candidate.lorenz]
  if (own === undefined || before === undefined || before === null || after === undefined || after === null)
    return undefined
  const what = distribution === 'rewards' ? 'rewards' : 'stake weights'
  const percent = (value: number | undefined) => `${((value ?? 0) * 100).toFixed(2)} %`
  const says =
    `Gini of ${what} ${metricValue('gini', own.baseline.gini)} before, ${metricValue('gini', own.candidate.gini)} after. ` +
    'The further a curve hangs below the diagonal, the fewer hold most.'
  const line = (name: string, points: readonly number[], colour: 'baseline' | 'candidate', dashed: boolean) => ({
    type: 'line',
    name,
    ...still,
    showSymbol: false,
    lineStyle: { color: placeholder(colour), width: 2.5, type: dashed ? 'dashed' : 'solid' },
    itemStyle: { color: placeholder(colour) },
    data: points.map((share, i) => [i, share * 100]),
  })
  return figure({
    name: `lorenz-${distribution.toLowerCase()}-${netuid}`,
    title: `Lorenz curves of ${what}`,
    says,
    chart: {
      height: 300,
      option: {
        legend: { ...legend, data: ['baseline', 'candidate'] },
        grid: { left: 56, right: 14, top: 34, bottom: 50 },
        xAxis: axis('value', 'poorest share of the hotkeys, %', { min: 0, max: 100, nameGap: 30 }),
        yAxis: axis('value', `share of ${what}, %`, { min: 0, max: 100, nameGap: 38 }),
        series: [
          line('baseline', before, 'baseline', true),
          line('candidate', after, 'candidate', false),
          {
            type: 'line',
            ...still,
            showSymbol: false,
            silent: true,
            lineStyle: { color: placeholder('muted'), width: 1, type: 'dotted' },
            data: [
              [0, 0],
              [100, 100],
            ],
          },
        ],
      },
    },
    table: table(
      `${says} Share that the poorest hold.`,
      [{ title: 'poorest' }, { title: 'baseline', numeric: true }, { title: 'candidate', numeric: true }],
      [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99].map((k) => [`${k} %`, percent(before[k]), percent(after[k])]),
    ),
  })
}
