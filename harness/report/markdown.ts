import type { CheckLevel } from '../checks/check.js'
import { describePatch } from '../patch/describePatch.js'
import { attributionLegend, attributionRows, attributionTitles } from './attributionRows.js'
import { concentrationRows } from './concentrationRows.js'
import { formatPercent, formatRao } from './formatRao.js'
import { headline, ranked } from './headline.js'
import { markdownCode, markdownText } from './markdownText.js'
import { offlineHint, rerunCommand } from './rerunCommand.js'
import { resultDigest } from './resultDigest.js'
import type { RunResult } from './runResult.js'
import { sparkline } from './sparkline.js'

/** GitHub takes comments of 65,536 characters; this leaves room for what a workflow adds. */
export const MARKDOWN_LIMIT_BYTES = 60_000

/** Bytes that each part may take; a part that needs more is cut and says so. With what has no part, and is clipped, they stay below
 *  the limit. */
const budget = {
  overview: 4_000,
  failed: 6_000,
  subnets: 19_000,
  attribution: 4_000,
  parts: 2_000,
  checks: 7_000,
  facts: 3_500,
}

/** How many winners and losers a subnet lists. */
const listed = 10

/** A result as the comment of a pull request: the answer and what failed in the open, everything else to unfold. At most
 *  `MARKDOWN_LIMIT_BYTES` long whatever the result's size; what is cut is counted. */
export function renderMarkdown(result: RunResult): string {
  const subnets = bySize(result)
  const sections = [
    head(result, subnets),
    subnets.length > 1 ? overview(result, subnets) : '',
    failed(result),
    ...details(result, subnets),
    attribution(result, subnets),
    fold('Checks', within(checkRows(result, result.checks), budget.checks, 'check', checkHead)),
    ...(
      [
        ['Recorded', result.fork.recorded],
        ['Assumed', result.fork.assumed],
        ['Mocked', result.mocks],
      ] as const
    ).map(([title, items]) =>
      fold(
        title,
        within(
          items.map((item) => `- ${markdownText(item)}`),
          budget.facts,
          'line',
        ),
      ),
    ),
    repetition(result),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

interface Subnet {
  readonly netuid: number
  readonly winners: number
  readonly losers: number
  readonly paidRao: bigint
  readonly movedRao: bigint
}

/** The subnets of a run, the one in which most changes hands first. */
function bySize(result: RunResult): Subnet[] {
  const netuids = [...new Set(result.epochs.map(({ netuid }) => netuid))]
  return netuids
    .map((netuid) => {
      const [winners, losers] = [ranked(result, netuid, 'winners'), ranked(result, netuid, 'losers')]
      const [gained, lost] = [winners, losers].map((side) =>
        side.reduce((sum, { changeRao }) => sum + BigInt(changeRao), 0n),
      )
      const paidRao = result.rewards.roles
        .filter((role) => role.netuid === netuid && role.role !== 'burned')
        .reduce((sum, { baselineRao }) => sum + BigInt(baselineRao), 0n)
      const movedRao = gained !== undefined && lost !== undefined && gained < -lost ? gained : -(lost ?? 0n)
      return { netuid, winners: winners.length, losers: losers.length, paidRao, movedRao }
    })
    .sort((a, b) => (a.movedRao > b.movedRao ? -1 : a.movedRao < b.movedRao ? 1 : a.netuid - b.netuid))
}

const marks: Record<CheckLevel, string> = { error: '❌ error', warning: '⚠️ warning', info: 'ℹ️ info', pass: '✅ pass' }
const levels: readonly CheckLevel[] = ['error', 'warning', 'info', 'pass']

function head(result: RunResult, [largest]: readonly Subnet[]): string {
  const proposal = result.patches.map(describePatch)
  const counts = levels.flatMap((level) => {
    const count = result.checks.filter((check) => check.level === level).length
    return count === 0 ? [] : [`${count} ${level}`]
  })
  const untrusted = result.checks.some(({ level }) => level === 'error')
  const { number, hash } = result.fork.block
  return [
    `## ${markdownText(result.scenario.title, 200)}`,
    ...(largest === undefined ? [] : [`**${markdownText(headline(result, largest.netuid), 1000)}**`]),
    `**Checks:** ${counts.join(', ') || 'none'}${untrusted ? '. ❌ **Do not rely on this run.**' : ''}`,
    [
      `Proposal: ${markdownText(proposal.join(', ') || 'none, both arms are the same', 300)}`,
      `Fork: block ${number} (${markdownCode(hash, 80)}) of ${markdownText(result.fork.source.name, 100)}`,
      `Runtime: spec ${result.runtimes.baseline.specVersion}, ${result.engine} engine`,
    ].join('  \n'),
  ].join('\n\n')
}

function overview(result: RunResult, subnets: readonly Subnet[]): string {
  const rows = subnets.map(({ netuid, winners, losers, paidRao, movedRao }) => {
    const cells = [
      netuid,
      winners,
      losers,
      formatRao(movedRao, { decimals: 4 }),
      formatPercent(movedRao, paidRao) ?? '-',
      timeline(result, netuid, 20),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const titles = [
    '| subnet | gain | lose | changes hands (alpha) | of what is paid | by epoch |',
    '| --: | --: | --: | --: | --: | --- |',
  ]
  return within(rows, budget.overview, 'subnet', titles)
}

function timeline(result: RunResult, netuid: number, width: number): string {
  const gained = result.epochs.filter((epoch) => epoch.netuid === netuid).map(({ gainedRao }) => BigInt(gainedRao))
  return gained.length < 2 ? '' : sparkline(gained, width)
}

const checkHead = ['| | check | seen | expected | why it matters |', '| --- | --- | --- | --- | --- |']

function checkRows(result: RunResult, checks: RunResult['checks']): string[] {
  const ordered = levels.flatMap((level) => checks.filter((check) => check.level === level))
  return ordered.map(({ level, name, seen, expected, why }) => {
    return `| ${[marks[level], ...[name, seen, expected, why].map((text) => markdownText(text))].join(' | ')} |`
  })
}

function failed(result: RunResult): string {
  const told = result.checks.filter(({ level }) => level === 'error' || level === 'warning')
  return told.length === 0 ? '' : within(checkRows(result, told), budget.failed, 'check', checkHead)
}

/** As many subnets as there is room for, those in which most changes hands first. */
function details(result: RunResult, subnets: readonly Subnet[]): string[] {
  let room = budget.subnets
  const shown: string[] = []
  for (const { netuid } of subnets) {
    const section = subnet(result, netuid)
    room -= bytes(section)
    if (room < 0) break
    shown.push(section)
  }
  const left = subnets.length - shown.length
  return left === 0 ? shown : [...shown, `_${left} more ${left === 1 ? 'subnet' : 'subnets'} in result.json._`]
}

function subnet(result: RunResult, netuid: number): string {
  const roles = result.rewards.roles
    .filter((role) => role.netuid === netuid && (role.baselineRao !== '0' || role.candidateRao !== '0'))
    .map((role) => `| ${[role.role, ...amounts(role)].join(' | ')} |`)
  const drawn = timeline(result, netuid, 60)
  const alone = result.epochs.every((epoch) => epoch.netuid === netuid)
  const parts = [
    // That of a single subnet stands in the open.
    ...(alone ? [] : [markdownText(headline(result, netuid), 1000)]),
    ['| role | baseline (alpha) | candidate | change | % |', '| --- | --: | --: | --: | --: |', ...roles].join('\n'),
    accounts(result, netuid, 'winners'),
    accounts(result, netuid, 'losers'),
    concentration(result, netuid),
    ...(drawn === '' ? [] : [`What the gaining accounts gain, epoch by epoch: ${drawn}`]),
  ]
  return fold(`Subnet ${netuid}`, parts.join('\n\n'))
}

function accounts(result: RunResult, netuid: number, side: 'winners' | 'losers'): string {
  const all = ranked(result, netuid, side)
  if (all.length === 0) return `**${side === 'winners' ? 'Winners' : 'Losers'}**: none`
  const rows = all.slice(0, listed).map((account) => {
    const who = [markdownCode(account.hotkey, 64), account.uid ?? '-', account.role]
    return `| ${[...who, ...amounts(account)].join(' | ')} |`
  })
  const left = all.length - rows.length
  return [
    `**${side === 'winners' ? 'Winners' : 'Losers'}** (${all.length})`,
    '',
    '| hotkey | uid | role | baseline (alpha) | candidate | change | % |',
    '| --- | --: | --- | --: | --: | --: | --: |',
    ...rows,
    ...(left === 0 ? [] : ['', `_${left} more in result.json._`]),
  ].join('\n')
}

function amounts(change: { baselineRao: string; candidateRao: string; changeRao: string }): string[] {
  const [baselineRao, changeRao] = [BigInt(change.baselineRao), BigInt(change.changeRao)]
  return [
    formatRao(baselineRao, { decimals: 4 }),
    formatRao(BigInt(change.candidateRao), { decimals: 4 }),
    formatRao(changeRao, { decimals: 4, sign: true }),
    formatPercent(changeRao, baselineRao, { sign: true }) ?? 'new',
  ]
}

function attribution(result: RunResult, subnets: readonly Subnet[]): string {
  const rows = subnets.flatMap(({ netuid }) =>
    attributionRows(result, netuid).map((cells) => `| ${[netuid, ...cells].join(' | ')} |`),
  )
  const titles = [
    `| ${['subnet', ...attributionTitles].join(' | ')} |`,
    `| --: | --- | ${attributionTitles
      .slice(1)
      .map(() => '--:')
      .join(' | ')} |`,
  ]
  const legend = attributionLegend(result).map((line) => `- ${markdownText(line)}`)
  const parts = [within(rows, budget.attribution, 'row', titles), within(legend, budget.parts, 'line')]
  return fold(
    'What each patch changes (alpha by role; rewards of hotkeys)',
    parts.filter((part) => part !== '').join('\n\n'),
  )
}

const metrics = concentrationRows.slice(0, 6)

function concentration(result: RunResult, netuid: number): string {
  const own = result.concentration.filter((distribution) => distribution.netuid === netuid)
  const title = ({ distribution, unit }: (typeof own)[number]) =>
    `${distribution === 'stakeWeights' ? 'stake weights' : 'rewards'} by ${unit}`
  const shown = (value: number | null, decimals: number) => (value === null ? '-' : value.toFixed(decimals))
  return [
    `| | ${own.map(title).join(' | ')} |`,
    `| --- | ${own.map(() => '---').join(' | ')} |`,
    ...metrics.map(([name, metric, decimals]) => {
      const cells = own.map(({ baseline, candidate }) => {
        return `${shown(baseline[metric], decimals)} → ${shown(candidate[metric], decimals)}`
      })
      return `| ${[name, ...cells].join(' | ')} |`
    }),
  ].join('\n')
}

function repetition(result: RunResult): string {
  const offline = offlineHint(result)
  return fold(
    'Run it again',
    [
      markdownCode(rerunCommand(result), 600),
      ...(offline === undefined ? [] : [`${offline}.`]),
      `With epochdiff ${markdownText(result.tool.version, 40)} it gives the same result but for its timing:`,
      [
        `- result ${markdownCode(resultDigest(result))}`,
        `- scenario ${markdownCode(result.scenario.sha256)}`,
        `- baseline runtime ${markdownCode(result.runtimes.baseline.sha256)}`,
        `- candidate runtime ${markdownCode(result.runtimes.candidate.sha256)}`,
      ].join('\n'),
    ].join('\n\n'),
  )
}

function fold(title: string, body: string): string {
  return body === '' ? '' : `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

/** As many lines as fit, under `titles`, and a count of those that do not. */
function within(lines: readonly string[], limit: number, noun: string, titles: readonly string[] = []): string {
  if (lines.length === 0) return ''
  let room = limit
  const shown = lines.slice(0, lines.findIndex((line) => (room -= bytes(line) + 1) < 0) >>> 0)
  const left = lines.length - shown.length
  const note = left === 0 ? [] : ['', `_${left} more ${left === 1 ? noun : `${noun}s`} in result.json._`]
  return [...titles, ...shown, ...note].join('\n')
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}
