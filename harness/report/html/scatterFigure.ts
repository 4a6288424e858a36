import type { RunResult } from '../runResult.js'
import { shortAddress } from '../shortAddress.js'
import { alpha } from './amount.js'
import { axis, brief, legend, still } from './axes.js'
import { figure } from './figure.js'
import type { Markup } from './markup.js'
import { placeholder } from './palette.js'
import { table } from './table.js'

/** Points a chart draws in each arm and role; of more, evenly chosen ones by rank of reward. */
const DRAWN = 400

type Quantity = 'stake' | 'performance'
type Arm = 'baseline' | 'candidate'
interface Point {
  readonly hotkey: string
  readonly x: number
  readonly reward: number
}

/** Stake or performance of each miner or validator against what it is paid, before and after. */
export async function scatterFigure(
  result: RunResult,
  netuid: number,
  quantity: Quantity,
  role: 'miner' | 'validator',
): Promise<Markup | undefined> {
  const both = {
    baseline: points(result, quantity, role, 'baseline'),
    candidate: points(result, quantity, role, 'candidate'),
  }
  if (both.baseline.length + both.candidate.length === 0) return undefined
  const drawn = { baseline: thinned(both.baseline), candidate: thinned(both.candidate) }
  const measured =
    quantity === 'stake' ? 'stake, alpha (mean)' : role === 'miner' ? 'consensus (mean)' : 'validator trust (mean)'
  const correlation = result.correlations.find((entry) => entry.role === role && entry.unit === 'hotkey')
  const key = quantity === 'stake' ? 'stakeReward' : 'performanceReward'
  const [r, rAfter] = [correlation?.baseline[key], correlation?.candidate[key]]
  const says =
    `Pearson correlation ${shown(r?.pearson)} before, ${shown(rAfter?.pearson)} after; ` +
    `by rank (Spearman) ${shown(r?.spearman)} and ${shown(rAfter?.spearman)}.` +
    (drawn.baseline.length < both.baseline.length ? ` ${DRAWN} of ${both.baseline.length} are drawn.` : '')
  const series = (arm: Arm) => ({
    type: 'scatter',
    name: arm,
    ...still,
    symbolSize: arm === 'baseline' ? 9 : 7,
    itemStyle:
      arm === 'baseline'
        ? { color: placeholder('surface'), opacity: 0.9, borderColor: placeholder('baseline'), borderWidth: 1.5 }
        : { color: placeholder('candidate'), opacity: 0.8 },
    data: drawn[arm].map(({ x, reward }) => [x, reward]),
  })
  const tips = (['baseline', 'candidate'] as const).map((arm) =>
    drawn[arm].map(
      ({ hotkey, x, reward }) =>
        `${arm}: ${shortAddress(hotkey)}, ${quantity === 'stake' ? `${brief(x)} alpha staked` : x.toFixed(3)}, paid ${brief(reward)} alpha`,
    ),
  )
  const pairs = ['stakePerformance', 'stakeReward', 'performanceReward'] as const
  const titles = {
    stakePerformance: 'stake, performance',
    stakeReward: 'stake, reward',
    performanceReward: 'performance, reward',
  }
  return figure({
    name: `scatter-${quantity}-${role}-${netuid}`,
    title: `${quantity === 'stake' ? 'Stake' : 'Performance'} against reward: ${role}s`,
    says,
    chart: {
      height: 300,
      tips,
      option: {
        legend,
        grid: { left: 62, right: 18, top: 34, bottom: 50 },
        xAxis: axis(quantity === 'stake' ? 'log' : 'value', measured, {
          nameGap: 30,
          ...(quantity === 'performance' && { min: 0, max: (range: { max: number }) => nice(range.max) }),
          axisLabel: { formatter: brief },
        }),
        yAxis: axis('log', 'reward, alpha', { nameGap: 44, axisLabel: { formatter: brief } }),
        series: [series('baseline'), series('candidate')],
      },
    },
    table: table(
      `Correlations between stake, performance and reward of the ${role}s, by hotkey and by wallet.`,
      [
        { title: 'between' },
        { title: 'of' },
        { title: 'Pearson, baseline', numeric: true },
        { title: 'candidate', numeric: true },
        { title: 'Spearman, baseline', numeric: true },
        { title: 'candidate', numeric: true },
      ],
      result.correlations
        .filter((entry) => entry.role === role)
        .flatMap((entry) =>
          pairs.map((pair) => [
            titles[pair],
            `${entry.population} ${entry.unit === 'hotkey' ? 'hotkeys' : 'wallets'}`,
            shown(entry.baseline[pair].pearson),
            shown(entry.candidate[pair].pearson),
            shown(entry.baseline[pair].spearman),
            shown(entry.candidate[pair].spearman),
          ]),
        ),
    ),
  })
}

/** Those that a logarithmic axis can show, by reward. */
function points(result: RunResult, quantity: Quantity, role: 'miner' | 'validator', arm: Arm): Point[] {
  const paid = new Map<string, bigint>()
  for (const account of result.rewards.accounts) {
    const own = role === 'miner' ? account.role === 'miner' : ['validator', 'nominator', 'root'].includes(account.role)
    if (own) paid.set(account.hotkey, (paid.get(account.hotkey) ?? 0n) + BigInt(account[`${arm}Rao`]))
  }
  return result.neurons
    .flatMap(({ hotkeys, [arm]: columns }) => {
      const performance = role === 'miner' ? columns.consensus : columns.validatorTrust
      const values = (quantity === 'stake' ? columns.stakeRao : performance).split(' ')
      return hotkeys.map((hotkey, i) => ({
        hotkey,
        x: quantity === 'stake' ? alpha(values[i] ?? '0') : Number(values[i] ?? 0) / 65_535,
        reward: alpha(paid.get(hotkey) ?? 0n),
      }))
    })
    .filter(({ x, reward }) => reward > 0 && (x > 0 || quantity === 'performance'))
    .sort((a, b) => b.reward - a.reward)
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= DRAWN) return points
  return Array.from({ length: DRAWN }, (_, i) => points[Math.floor((i * points.length) / DRAWN)]).filter(
    (p) => p !== undefined,
  )
}

/** The least of 0.1, 0.2, ... 1 that is not below the value. */
function nice(value: number): number {
  return Math.min(1, Math.max(0.1, Math.ceil(value * 10) / 10))
}

function shown(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(2)
}
