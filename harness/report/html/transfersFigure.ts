import { formatPercent } from '../formatRao.js'
import type { RunResult } from '../runResult.js'
import { alpha, amount } from './amount.js'
import { brief, still } from './axes.js'
import { figure } from './figure.js'
import type { Markup } from './markup.js'
import { placeholder } from './palette.js'
import { table } from './table.js'

/** From which roles to which the alpha flows that changes hands on a subnet. */
export async function transfersFigure({ transfers }: RunResult, netuid: number): Promise<Markup | undefined> {
  if (transfers.length === 0) return undefined
  const total = transfers.reduce((sum, { alphaRao }) => sum + BigInt(alphaRao), 0n)
  const between = transfers.filter(({ from, to }) => from !== to).reduce((sum, flow) => sum + BigInt(flow.alphaRao), 0n)
  // A flow of a few rao of rounding is in the table; drawn, it would only be a label.
  const drawn = transfers.filter(({ alphaRao }) => BigInt(alphaRao) * 1000n >= total)
  const node = (side: 'from' | 'to', name: Flow['from']) => ({
    name: `${side} ${name}`,
    depth: side === 'from' ? 0 : 1,
    itemStyle: { color: placeholder(name), borderWidth: 0 },
    label: { formatter: `${name} ${brief(sideSum(drawn, side, name))}`, position: side === 'from' ? 'right' : 'left' },
  })
  const names = (side: 'from' | 'to') => [...new Set(drawn.map((flow) => flow[side]))]
  const nodes = (['from', 'to'] as const).flatMap((side) => names(side).map((name) => node(side, name)))
  const says =
    `${formatPercent(between, total) ?? '0 %'} of the alpha that changes hands crosses from one role to another; ` +
    'the rest moves inside a role, from its losing to its gaining accounts. Left who loses, right who gains, in alpha.'
  return figure({
    name: `transfers-${netuid}`,
    title: 'From role to role',
    says,
    chart: {
      height: 60 + 46 * Math.max(names('from').length, names('to').length),
      option: {
        series: [
          {
            type: 'sankey',
            ...still,
            left: 4,
            right: 4,
            top: 8,
            bottom: 8,
            nodeWidth: 12,
            nodeGap: 14,
            draggable: false,
            label: { color: placeholder('ink'), fontSize: 13, textBorderWidth: 0 },
            lineStyle: { color: 'source', opacity: 0.35, curveness: 0.5 },
            data: nodes,
            links: drawn.map((flow) => ({
              source: `from ${flow.from}`,
              target: `to ${flow.to}`,
              value: alpha(flow.alphaRao),
              lineStyle: { color: placeholder(flow.from), opacity: 0.35 },
            })),
          },
        ],
      },
    },
    table: table(
      says,
      [{ title: 'from' }, { title: 'to' }, { title: 'amount', numeric: true }, { title: 'share', numeric: true }],
      transfers.map(({ from, to, alphaRao }) => [
        from,
        to,
        amount(alphaRao, netuid),
        formatPercent(BigInt(alphaRao), total) ?? '',
      ]),
    ),
  })
}

type Flow = RunResult['transfers'][number]

function sideSum(flows: readonly Flow[], side: 'from' | 'to', name: Flow['from']): number {
  return flows.filter((flow) => flow[side] === name).reduce((sum, { alphaRao }) => sum + alpha(alphaRao), 0)
}
