import { formatPercent } from '../formatRao.js'
import { ranked } from '../headline.js'
import type { RunResult } from '../runResult.js'
import { alpha, amount } from './amount.js'
import { axis, brief, still } from './axes.js'
import { figure } from './figure.js'
import { html, type Markup } from './markup.js'
import { accountName } from './names.js'
import { placeholder } from './palette.js'
import { table } from './table.js'

const SHOWN = 8

/** The accounts that gain and lose most on a subnet. */
export async function moversFigure(result: RunResult, netuid: number): Promise<Markup | undefined> {
  const [winners, losers] = [ranked(result, netuid, 'winners'), ranked(result, netuid, 'losers')]
  const shown = [...winners.slice(0, SHOWN), ...losers.slice(0, SHOWN).reverse()]
  if (shown.length === 0) return undefined
  const label = (account: (typeof shown)[number]) => `${account.role} ${accountName(result, account)}`
  const values = shown.map(({ changeRao }) => alpha(changeRao))
  const tips = shown.map((account) => {
    const percent = formatPercent(BigInt(account.changeRao), BigInt(account.baselineRao), { sign: true })
    return `${label(account)}: ${alpha(account.changeRao).toFixed(4)} alpha (${percent ?? 'from nothing'})`
  })
  const says =
    `${winners.length} accounts gain and ${losers.length} lose on ${`subnet ${netuid}`}; ` +
    `the ${Math.min(SHOWN, winners.length)} largest gains and ${Math.min(SHOWN, losers.length)} largest losses, in alpha.`
  return figure({
    name: `movers-${netuid}`,
    title: 'Who gains and who loses most',
    says,
    chart: {
      height: 40 + 22 * shown.length,
      tips: [tips],
      option: {
        grid: { left: 172, right: 14, top: 4, bottom: 26 },
        xAxis: axis('value', '', { axisLabel: { formatter: brief }, splitNumber: 4 }),
        yAxis: axis('category', '', {
          inverse: true,
          data: shown.map(label),
          axisLabel: { color: placeholder('ink'), fontSize: 12, interval: 0, width: 168, overflow: 'truncate' },
          axisLine: { show: false },
        }),
        series: [
          {
            type: 'bar',
            barWidth: 13,
            ...still,
            data: values.map((value) => ({ value, itemStyle: { color: placeholder(value > 0 ? 'gain' : 'loss') } })),
          },
        ],
      },
    },
    table: table(
      says,
      [
        { title: 'account' },
        { title: 'role' },
        { title: 'baseline', numeric: true },
        { title: 'candidate', numeric: true },
        { title: 'change', numeric: true },
        { title: '%', numeric: true },
      ],
      shown.map((account) => [
        html`<span title="${account.hotkey}"><bdi>${accountName(result, account)}</bdi></span>`,
        account.role,
        amount(account.baselineRao, netuid),
        amount(account.candidateRao, netuid),
        amount(account.changeRao, netuid, { sign: true }),
        formatPercent(BigInt(account.changeRao), BigInt(account.baselineRao), { sign: true }) ?? 'new',
      ]),
    ),
  })
}
