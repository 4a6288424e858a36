import type { RunResult } from '../runResult.js'
import { formatPercent } from '../formatRao.js'
import { ranked } from '../headline.js'
import { alpha, amount } from './amount.js'
import { axis, brief, legend, still } from './axes.js'
import { figure } from './figure.js'
import type { Markup } from './markup.js'
import { metricTitles, metricValue } from './metricValue.js'
import { accountName } from './names.js'
import { type Colour, placeholder } from './palette.js'
import { table } from './table.js'

type Metric = RunResult['series'][number]['metric']

/** Share of the epoch's pay that changes hands, epoch by epoch. */
export async function movedFigure({ epochs }: RunResult, netuid: number): Promise<Markup | undefined> {
  if (epochs.length < 2) return undefined
  const shares = epochs.map(({ gainedRao, baseline }) => share(gainedRao, baseline.paidRao))
  const [first, last] = [shares[0] ?? 0, shares.at(-1) ?? 0]
  const says = `${first.toFixed(2)} % of what is paid changes hands in the first epoch, ${last.toFixed(2)} % in the last.`
  return figure({
    name: `moved-${netuid}`,
    title: 'What changes hands, epoch by epoch',
    says,
    chart: {
      height: 260,
      option: {
        grid: { left: 56, right: 14, top: 14, bottom: 50 },
        xAxis: epochAxis(epochs.length),
        yAxis: axis('value', '% of what is paid', { nameGap: 38, min: 0 }),
        series: [
          {
            ...line('changes hands', shares, 'candidate'),
            areaStyle: { color: placeholder('candidate'), opacity: 0.15 },
          },
        ],
      },
    },
    table: table(
      says,
      [
        { title: 'epoch' },
        { title: 'block' },
        { title: 'paid', numeric: true },
        { title: 'changes hands', numeric: true },
        { title: '%', numeric: true },
      ],
      epochs.map(({ epoch, block, baseline, gainedRao }) => [
        epoch,
        block.toLocaleString('en-US'),
        amount(baseline.paidRao, netuid),
        amount(gainedRao, netuid),
        formatPercent(BigInt(gainedRao), BigInt(baseline.paidRao)) ?? '–',
      ]),
    ),
  })
}

/** One concentration metric by hotkey in both arms, epoch by epoch. */
export async function metricFigure(
  result: RunResult,
  netuid: number,
  distribution: 'stakeWeights' | 'rewards',
  metric: Metric,
): Promise<Markup | undefined> {
  const own = result.series.find((s) => s.distribution === distribution && s.unit === 'hotkey' && s.metric === metric)
  if (own === undefined || own.baseline.length < 2) return undefined
  const { change } = own.spread
  const what = `${metricTitles[metric]} of ${distribution === 'rewards' ? 'rewards' : 'stake weights'}`
  const interval =
    change === null || change.low === null || change.high === null
      ? ''
      : ` (${result.bootstrap.level * 100} % interval ${metricValue(metric, change.low, true)} to ${metricValue(metric, change.high, true)})`
  const says =
    change === null
      ? 'It has no value.'
      : `The median epoch's change is ${metricValue(metric, change.median, true)}${interval}.`
  return figure({
    name: `series-${distribution.toLowerCase()}-${metric.toLowerCase()}-${netuid}`,
    title: what,
    says,
    chart: {
      height: 260,
      option: {
        legend,
        grid: { left: 62, right: 14, top: 34, bottom: 50 },
        xAxis: epochAxis(own.baseline.length),
        yAxis: axis('value', '', { scale: true }),
        series: [line('baseline', own.baseline, 'baseline', true), line('candidate', own.candidate, 'candidate')],
      },
    },
    table: table(
      what,
      [{ title: 'epoch' }, { title: 'baseline', numeric: true }, { title: 'candidate', numeric: true }],
      own.baseline.map((value, i) => [
        result.epochs[i]?.epoch ?? i,
        metricValue(metric, value),
        metricValue(metric, own.candidate[i]),
      ]),
    ),
  })
}

/** What the largest winners and losers have gained or lost up to each epoch. */
export async function cumulatedFigure(result: RunResult, netuid: number): Promise<Markup | undefined> {
  if (result.epochs.length < 2) return undefined
  const byAccount = new Map(result.rewards.accounts.map((account, i) => [account, result.ledger[i]]))
  const top = (['winners', 'losers'] as const).flatMap((side) => ranked(result, netuid, side).slice(0, 3))
  if (top.length === 0) return undefined
  const colours: readonly Colour[] = ['gain', 'validator', 'nominator', 'loss', 'miner', 'root']
  const lines = top.map((account, i) => {
    const list = (arm: 'baselineRao' | 'candidateRao') => (byAccount.get(account)?.[arm] ?? '').split(' ').map(BigInt)
    const baseline = list('baselineRao')
    let sum = 0n
    const sums = list('candidateRao').map((paid, epoch) => (sum += paid - (baseline[epoch] ?? 0n)))
    // Two may bear the same name.
    return { name: `${i + 1}. ${account.role} ${accountName(result, account)}`, sums, colour: colours[i] ?? 'muted' }
  })
  const says =
    'Alpha gained or lost since the first epoch by the three largest winners and losers. Straight lines: the same every epoch.'
  return figure({
    name: `cumulated-${netuid}`,
    title: 'Gains and losses add up',
    says,
    chart: {
      height: 330,
      option: {
        legend: { ...legend, textStyle: { ...legend.textStyle, width: 150, overflow: 'truncate' } },
        grid: { left: 56, right: 14, top: 92, bottom: 50 },
        xAxis: epochAxis(result.epochs.length),
        yAxis: axis('value', '', { axisLabel: { formatter: brief } }),
        series: lines.map(({ name, sums, colour }) => line(name, sums.map(alpha), colour)),
      },
    },
    table: table(
      says,
      [{ title: 'epoch' }, ...lines.map(({ name }) => ({ title: name, numeric: true }))],
      result.epochs.map(({ epoch }, i) => [
        epoch,
        ...lines.map(({ sums }) => amount(sums[i] ?? 0n, netuid, { sign: true })),
      ]),
    ),
  })
}

function epochAxis(count: number) {
  return axis('value', 'epoch', { min: 0, max: count - 1, minInterval: 1, nameGap: 30 })
}

function line(name: string, values: readonly (number | null)[], colour: Colour, dashed = false) {
  return {
    type: 'line',
    name,
    ...still,
    showSymbol: false,
    lineStyle: { color: placeholder(colour), width: 2, type: dashed ? 'dashed' : 'solid' },
    itemStyle: { color: placeholder(colour) },
    data: values.map((value, i) => [i, value]),
  }
}

function share(partRao: string, wholeRao: string): number {
  return wholeRao === '0' ? 0 : Number((BigInt(partRao) * 1_000_000n) / BigInt(wholeRao)) / 10_000
}
