import { formatPercent } from '../formatRao.js'
import { headline } from '../headline.js'
import type { RunResult } from '../runResult.js'
import { amount } from './amount.js'
import { coalitionFigure } from './coalitionFigure.js'
import { lorenzFigure } from './lorenzFigure.js'
import { html, type Markup } from './markup.js'
import { metricTitles, metricValue } from './metricValue.js'
import { moversFigure } from './moversFigure.js'
import { subnetName } from './names.js'
import { scatterFigure } from './scatterFigure.js'
import { table } from './table.js'
import { cumulatedFigure, metricFigure, movedFigure } from './timelineFigure.js'
import { transfersFigure } from './transfersFigure.js'

/** All charts of one subnet, under questions.
 *  @param result with this subnet's members alone
 *  @param only whether it is the only subnet, whose headline stands above already */
export async function subnetSection(result: RunResult, netuid: number, only: boolean): Promise<Markup> {
  const name = subnetName(result, netuid)
  const parts: readonly (readonly [question: string, cards: readonly (Markup | undefined)[]])[] = [
    [
      'Who gains, who loses',
      [await moversFigure(result, netuid), await transfersFigure(result, netuid), roleCard(result, netuid)],
    ],
    [
      'Is it less concentrated?',
      [
        await lorenzFigure(result, netuid, 'stakeWeights'),
        await lorenzFigure(result, netuid, 'rewards'),
        await coalitionFigure(result, netuid),
        metricsCard(result),
      ],
    ],
    [
      'What is rewarded: stake or performance?',
      [
        await scatterFigure(result, netuid, 'stake', 'validator'),
        await scatterFigure(result, netuid, 'performance', 'validator'),
        await scatterFigure(result, netuid, 'performance', 'miner'),
        await scatterFigure(result, netuid, 'stake', 'miner'),
      ],
    ],
    [
      'How it goes over the epochs',
      [
        await movedFigure(result, netuid),
        await cumulatedFigure(result, netuid),
        await metricFigure(result, netuid, 'rewards', 'gini'),
        await metricFigure(result, netuid, 'stakeWeights', 'coalition51Count'),
      ],
    ],
  ]
  return html`<section id="subnet-${netuid}" class="subnet" aria-labelledby="subnet-${netuid}-title">
    <h2 id="subnet-${netuid}-title" ${only ? html` class="unseen"` : undefined}>
      <bdi>${name.charAt(0).toUpperCase() + name.slice(1)}</bdi>
    </h2>
    ${only ? undefined : html`<p>${headline(result, netuid)}</p>`}
    ${parts.map(([question, cards]) => {
      const shown = cards.filter((card) => card !== undefined)
      return shown.length === 0
        ? undefined
        : html`<h3>${question}</h3>
            <div class="cards">${shown}</div>`
    })}
  </section>`
}

function roleCard({ rewards, movers }: RunResult, netuid: number): Markup {
  const used = rewards.roles.filter(({ baselineRao, candidateRao }) => baselineRao !== '0' || candidateRao !== '0')
  const unused = rewards.roles.filter((role) => !used.includes(role)).map(({ role }) => role)
  const rows = used.map((role) => {
    const wallets = movers.find((entry) => entry.role === role.role && entry.unit === 'coldkey')
    return [
      role.role,
      amount(role.baselineRao, netuid),
      amount(role.changeRao, netuid, { sign: true }),
      formatPercent(BigInt(role.changeRao), BigInt(role.baselineRao), { sign: true }) ?? 'new',
      wallets?.winners ?? 0,
      wallets?.losers ?? 0,
    ]
  })
  return html`<div class="card">
    <h4>What each role is paid</h4>
    ${table(
      'What each role is paid over the run, and how many of its wallets gain and lose',
      [
        { title: 'role' },
        { title: 'baseline', numeric: true },
        { title: 'change', numeric: true },
        { title: '%', numeric: true },
        { title: 'gain', numeric: true },
        { title: 'lose', numeric: true },
      ],
      rows,
    )}
    ${unused.length === 0 ? undefined : html`<p class="note">Never exercised: ${unused.join(', ')}. The report says nothing about them.</p>`}
  </div>`
}

/** Every concentration metric over the run, by hotkey and by wallet. */
function metricsCard({ concentration, series, bootstrap }: RunResult): Markup {
  const metrics = Object.keys(metricTitles) as (keyof typeof metricTitles)[]
  const rows = concentration.flatMap((change) =>
    metrics.map((metric) => {
      const { baseline, candidate, distribution, unit } = change
      const [before, after] = [baseline[metric], candidate[metric]]
      const own = series.find((s) => s.distribution === distribution && s.unit === unit && s.metric === metric)
      const spread = own?.spread.change
      const interval =
        spread === undefined || spread === null || spread.low === null || spread.high === null
          ? '–'
          : `${metricValue(metric, spread.low, true)} … ${metricValue(metric, spread.high, true)}`
      return [
        `${metricTitles[metric]}, ${distribution === 'rewards' ? 'rewards' : 'stake weights'}, ${unit === 'hotkey' ? 'hotkeys' : 'wallets'}`,
        metricValue(metric, before),
        metricValue(metric, after),
        before === null || after === null ? '–' : metricValue(metric, after - before, true),
        interval,
      ]
    }),
  )
  return html`<div class="card">
    <h4>Every concentration metric</h4>
    <p>
      Over the whole run, before and after. The interval is that of the median epoch's change (bootstrap,
      ${bootstrap.level * 100} %, seed ${bootstrap.seed}).
    </p>
    <details>
      <summary>${rows.length} rows</summary>
      ${table(
        'Concentration metrics over the whole run',
        [
          { title: 'metric' },
          { title: 'baseline', numeric: true },
          { title: 'candidate', numeric: true },
          { title: 'change', numeric: true },
          { title: 'interval of the epochs', numeric: true },
        ],
        rows,
      )}
    </details>
  </div>`
}
