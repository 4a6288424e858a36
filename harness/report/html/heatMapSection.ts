import type { RunResult } from '../runResult.js'
import { amount } from './amount.js'
import { html, type Markup } from './markup.js'
import { metricTitles, metricValue } from './metricValue.js'
import { subnetName } from './names.js'
import { moved } from './summarySection.js'
import { table } from './table.js'

type Metric = 'gini' | 'top1' | 'coalition51Count'

interface HeatColumn {
  readonly title: string
  /** Signed; 0 is neutral. `undefined`: no value. */
  readonly value: (result: RunResult) => number | undefined
  readonly shown: (value: number) => string
}

const metricChange = (distribution: 'stakeWeights' | 'rewards', metric: Metric): HeatColumn => ({
  title: `${metricTitles[metric]}, ${distribution === 'rewards' ? 'rewards' : 'stake weights'}`,
  value: ({ concentration }) => {
    const own = concentration.find((change) => change.distribution === distribution && change.unit === 'hotkey')
    const [before, after] = [own?.baseline[metric] ?? undefined, own?.candidate[metric] ?? undefined]
    return before === undefined || after === undefined ? undefined : after - before
  },
  shown: (value) => metricValue(metric, value, true),
})

const rolePay = (role: RunResult['rewards']['roles'][number]['role']): HeatColumn => ({
  title: `${role} pay`,
  value: ({ rewards }) => {
    const own = rewards.roles.find((entry) => entry.role === role)
    if (own === undefined || own.baselineRao === '0') return undefined
    return Number((BigInt(own.changeRao) * 1_000_000n) / BigInt(own.baselineRao)) / 10_000
  },
  shown: (value) => `${value > 0 ? '+' : ''}${value.toFixed(2)} %`,
})

const columns: readonly HeatColumn[] = [
  {
    title: 'changes hands',
    value: (result) => {
      const { movedRao, paidRao } = moved(result)
      return paidRao === 0n ? undefined : Number((movedRao * 1_000_000n) / paidRao) / 10_000
    },
    shown: (value) => `${value.toFixed(2)} %`,
  },
  metricChange('stakeWeights', 'coalition51Count'),
  metricChange('stakeWeights', 'gini'),
  metricChange('rewards', 'gini'),
  metricChange('rewards', 'top1'),
  rolePay('miner'),
  rolePay('validator'),
  rolePay('nominator'),
]

/** Steps of colour on each side. */
const STEPS = 4

/** Subnet by subnet what changes, coloured by size within a column: chart and table in one. */
export function heatMapSection(
  result: RunResult,
  subnets: ReadonlyMap<number, RunResult>,
  charted: ReadonlySet<number>,
): Markup {
  const values = new Map([...subnets].map(([netuid, own]) => [netuid, columns.map(({ value }) => value(own))]))
  const largest = columns.map((_, i) => Math.max(0, ...[...values.values()].map((row) => Math.abs(row[i] ?? 0))))
  const cell = (value: number | undefined, i: number) => {
    if (value === undefined) return html`<span class="heat" data-value="">–</span>`
    const step = Math.ceil((Math.abs(value) / (largest[i] || 1)) * STEPS)
    const side = value === 0 ? 'none' : value > 0 ? 'up' : 'down'
    return html`<span class="heat ${side}-${step}" data-value="${value}">${columns[i]?.shown(value)}</span>`
  }
  const rows = [...subnets].map(([netuid, own]) => {
    const name = subnetName(result, netuid)
    const link = charted.has(netuid)
      ? html`<a href="#subnet-${netuid}"><bdi>${name}</bdi></a>`
      : html`<bdi>${name}</bdi>`
    return [
      html`<span data-value="${netuid}">${link}</span>`,
      amount(moved(own).paidRao, netuid),
      ...(values.get(netuid) ?? []).map(cell),
    ]
  })
  return html`<section id="subnets" aria-labelledby="subnets-title">
    <h2 id="subnets-title">Subnet by subnet</h2>
    <p>
      Candidate less baseline over the whole run; the stronger the colour, the larger within its column. Orange is less,
      blue more: neither is good in itself.
    </p>
    ${table(
      'Heat map of the subnets',
      [
        { title: 'subnet' },
        { title: 'pays', numeric: true },
        ...columns.map(({ title }) => ({ title, numeric: true })),
      ],
      rows,
      { sortable: true },
    )}
  </section>`
}
