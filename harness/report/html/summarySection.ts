import type { CheckLevel } from '../../checks/check.js'
import { formatPercent, formatRao } from '../formatRao.js'
import { headline } from '../headline.js'
import type { RunResult } from '../runResult.js'
import { shownName } from '../shownName.js'
import { amount } from './amount.js'
import { html, type Markup } from './markup.js'
import { metricValue } from './metricValue.js'
import { subnetName } from './names.js'

/** What a reader takes away in half a minute: who gains and loses in a sentence, four numbers, and whether to believe them. */
export function summarySection(result: RunResult, subnets: ReadonlyMap<number, RunResult>): Markup {
  const single = subnets.size === 1 ? [...subnets][0] : undefined
  return html`<section id="summary" aria-labelledby="summary-title">
    <h2 id="summary-title" class="unseen">In short</h2>
    <p class="headline">
      ${emphasised(single === undefined ? overall(result, subnets) : headline(single[1], single[0]))}
    </p>
    ${tao(result, subnets)} ${verdict(result)}
    <dl class="tiles">${single === undefined ? manyTiles(subnets) : singleTiles(single[1], single[0])}</dl>
  </section>`
}

/** The first sentence stands out. */
function emphasised(text: string): Markup {
  const end = text.indexOf('. ')
  return end < 0
    ? html`<strong>${text}</strong>`
    : html`<strong>${text.slice(0, end + 1)}</strong>${text.slice(end + 1)}`
}

/** What changes hands on a subnet, and what is paid on it, in rao: burned left out. */
export function moved(result: RunResult): { readonly movedRao: bigint; readonly paidRao: bigint } {
  let [gained, lost] = [0n, 0n]
  for (const { role, changeRao } of result.rewards.accounts) {
    const change = BigInt(changeRao)
    if (role === 'burned') continue
    if (change > 0n) gained += change
    else lost -= change
  }
  const paidRao = result.rewards.roles
    .filter(({ role }) => role !== 'burned')
    .reduce((sum, { baselineRao }) => sum + BigInt(baselineRao), 0n)
  return { movedRao: gained < lost ? gained : lost, paidRao }
}

function overall(result: RunResult, subnets: ReadonlyMap<number, RunResult>): string {
  const accounts = result.rewards.accounts.filter(({ role }) => role !== 'burned')
  const winners = accounts.filter(({ changeRao }) => changeRao !== '0' && !changeRao.startsWith('-')).length
  const losers = accounts.filter(({ changeRao }) => changeRao.startsWith('-')).length
  if (winners + losers === 0) {
    return `Nobody gains and nobody loses on any of the ${subnets.size} subnets: each account is paid the same${result.rewards.isEmpty ? ', to the rao, in every epoch' : ' over the whole run'}.`
  }
  const sizes = [...subnets].map(([netuid, own]) => ({ netuid, ...moved(own) }))
  const largest = sizes.reduce((a, b) => (a.movedRao * (b.paidRao || 1n) >= b.movedRao * (a.paidRao || 1n) ? a : b))
  const untouched = sizes.filter(({ movedRao }) => movedRao === 0n).length
  const share = formatPercent(largest.movedRao, largest.paidRao) ?? '–'
  return (
    `${winners.toLocaleString('en-US')} accounts gain and ${losers.toLocaleString('en-US')} lose on ${subnets.size} subnets. ` +
    `Most moves on ${subnetName(result, largest.netuid)}: ${share} of what it pays changes hands.` +
    (untouched === 0 ? '' : ` On ${untouched} subnets nothing moves.`)
  )
}

/** What changes hands in TAO, at the fork's prices. */
function tao(result: RunResult, subnets: ReadonlyMap<number, RunResult>): Markup {
  const prices = new Map(result.subnets.map(({ netuid, alphaPriceRao }) => [netuid, alphaPriceRao]))
  const priced = [...subnets].flatMap(([netuid, own]) => {
    const price = prices.get(netuid)
    return price === undefined || price === null ? [] : [(moved(own).movedRao * BigInt(price)) / 1_000_000_000n]
  })
  if (priced.length === 0) return html`<p class="note">In alpha alone: the fork has no price for it in TAO.</p>`
  const sum = formatRao(
    priced.reduce((total, rao) => total + rao, 0n),
    { decimals: 2 },
  )
  const missing = subnets.size - priced.length
  return html`<p class="note">
    At the prices of the fork's block, about ${sum} TAO changes
    hands${missing === 0 ? '' : ` (${missing} subnets without a price left out)`}; selling that much would move the
    prices.
  </p>`
}

const levels: readonly CheckLevel[] = ['error', 'warning', 'info', 'pass']

function verdict({ checks }: RunResult): Markup {
  const count = (level: CheckLevel) => checks.filter((check) => check.level === level).length
  const counts = levels.filter((level) => count(level) > 0).map((level) => `${count(level)} ${level}`)
  const [state, text] =
    count('error') > 0
      ? ['error', 'Do not rely on these numbers: a check failed.']
      : count('warning') > 0
        ? ['warning', 'Read the warnings before you rely on these numbers.']
        : ['pass', 'No check failed.']
  return html`<p class="verdict ${state}">
    <strong>${text}</strong> <a href="#checks">Checks: ${counts.join(', ') || 'none'}</a>
  </p>`
}

function tile(term: string, value: Markup | string, detail: Markup | string): Markup {
  return html`<div>
    <dt>${term}</dt>
    <dd><b>${value}</b><span>${detail}</span></dd>
  </div>`
}

function singleTiles(result: RunResult, netuid: number): Markup[] {
  const { movedRao, paidRao } = moved(result)
  const movers = result.movers.find(({ unit, role }) => unit === 'coldkey' && role === 'all')
  const of = (distribution: 'stakeWeights' | 'rewards') =>
    result.concentration.find((change) => change.distribution === distribution && change.unit === 'hotkey')
  const [stake, rewards] = [of('stakeWeights'), of('rewards')]
  const arrow = (metric: 'gini' | 'coalition51Count', change: typeof stake) =>
    `${metricValue(metric, change?.baseline[metric])} → ${metricValue(metric, change?.candidate[metric])}`
  return [
    tile(
      'Changes hands',
      formatPercent(movedRao, paidRao) ?? '–',
      html`${amount(movedRao, netuid)} of ${amount(paidRao, netuid)} paid`,
    ),
    tile(
      'Wallets',
      html`<span class="gain">${movers?.winners ?? 0} gain</span>,
        <span class="loss">${movers?.losers ?? 0} lose</span>`,
      `${movers?.unchanged ?? 0} unchanged, over ${result.epochs.length} ${result.epochs.length === 1 ? 'epoch' : 'epochs'}`,
    ),
    tile('51 % coalition of stake weights', arrow('coalition51Count', stake), 'hotkeys, before → after; more is safer'),
    tile('Gini of rewards', arrow('gini', rewards), 'hotkeys, before → after; less is more equal'),
  ]
}

function manyTiles(subnets: ReadonlyMap<number, RunResult>): Markup[] {
  const all = [...subnets.values()]
  const across = (distribution: 'stakeWeights' | 'rewards', metric: 'gini' | 'coalition51Count') =>
    all[0]?.acrossSubnets.find((m) => m.distribution === distribution && m.unit === 'hotkey' && m.metric === metric)
      ?.spread
  const [gini, coalition] = [across('rewards', 'gini'), across('stakeWeights', 'coalition51Count')]
  const shares = all
    .map((own) => moved(own))
    .map(({ movedRao, paidRao }) => (paidRao === 0n ? 0 : Number((movedRao * 1_000_000n) / paidRao) / 10_000))
    .sort((a, b) => a - b)
  const median = shares[Math.floor(shares.length / 2)] ?? 0
  return [
    tile('Changes hands', `${median.toFixed(2)} %`, `of what a subnet pays (median of ${all.length} subnets)`),
    tile(
      'Subnets',
      String(all.length),
      `${all.reduce((sum, { epochs }) => sum + epochs.length, 0)} epochs in all; ${shares.filter((s) => s > 0).length} subnets change`,
    ),
    tile(
      '51 % coalition of stake weights',
      `${metricValue('coalition51Count', coalition?.baseline?.median)} → ${metricValue('coalition51Count', coalition?.candidate?.median)}`,
      'hotkeys, medians over the subnets, before → after',
    ),
    tile(
      'Gini of rewards',
      `${metricValue('gini', gini?.baseline?.median)} → ${metricValue('gini', gini?.candidate?.median)}`,
      'medians over the subnets, before → after',
    ),
  ]
}

/** The proposal's title and what it was measured on. */
export function titleOf(result: RunResult): string {
  return shownName(result.scenario.title, 200)
}
