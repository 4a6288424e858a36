import picocolors from 'picocolors'
import type { CheckLevel } from '../checks/check.js'
import { describePatch } from '../patch/describePatch.js'
import { attributionLegend, attributionRows, attributionTitles } from './attributionRows.js'
import { concentrationRows } from './concentrationRows.js'
import { formatPercent, formatRao } from './formatRao.js'
import { headline, ranked } from './headline.js'
import { patchLines } from './patchLines.js'
import { printableStrings } from './printable.js'
import { offlineHint, rerunCommand } from './rerunCommand.js'
import { resultDigest } from './resultDigest.js'
import type { RunResult } from './runResult.js'
import { shortAddress } from './shortAddress.js'
import { sparkline } from './sparkline.js'
import { type Column, textTable } from './textTable.js'
import { wrapText } from './wrapText.js'

export interface RenderOptions {
  readonly colour: boolean
  /** Columns of the terminal. */
  readonly width: number
}

/** How many winners and losers a report lists; the others are in result.json. */
const listed = 8

type Colours = ReturnType<typeof picocolors.createColors>

/** A result as a person reads it. Names that could move the cursor or hide text are shown escaped. */
export function renderTerminal(result: RunResult, { colour, width }: RenderOptions): string {
  const colours = picocolors.createColors(colour)
  const safe = printableStrings(result)
  const netuids = [...new Set(safe.epochs.map(({ netuid }) => netuid))]
  const sections = [
    introduction(safe, colours, width),
    ...netuids.flatMap((netuid) => [
      `${colours.bold(wrapText(headline(safe, netuid), width))}`,
      roleTable(safe, netuid, colours, width),
      accountTable(safe, netuid, 'winners', colours, width),
      accountTable(safe, netuid, 'losers', colours, width),
      timeline(safe, netuid, colours, width),
      concentrationTable(safe, netuid, colours, width),
    ]),
    ...netuids.map((netuid) => attribution(safe, netuid, colours, width)),
    verdict(safe, colours, width),
    ...(patchLines(safe).length === 0 ? [] : [list('Patches', patchLines(safe), colours, width)]),
    list('Recorded', safe.fork.recorded, colours, width),
    list('Assumed', safe.fork.assumed, colours, width),
    list('Mocked', safe.mocks, colours, width),
    // Of the result as it is written, not as it is shown.
    repetition(safe, resultDigest(result), colours, width),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function introduction(result: RunResult, colours: Colours, width: number): string {
  const proposal = result.patches.map(describePatch)
  const { number, hash } = result.fork.block
  return [
    colours.bold(wrapText(result.scenario.title, width)),
    wrapText(`Proposal: ${proposal.join(', ') || 'none, both arms are the same'}`, width, 2),
    wrapText(
      `Fork: block ${number} (${shortAddress(hash)}) of ${result.fork.source.name}${result.fork.trust === null ? '' : `, ${result.fork.trust}`}; runtime spec ` +
        `${result.runtimes.baseline.specVersion}; ${result.engine} engine`,
      width,
      2,
    ),
    countedLevels(result, colours),
  ].join('\n')
}

function roleTable(result: RunResult, netuid: number, colours: Colours, width: number): string {
  const roles = result.rewards.roles.filter((role) => role.netuid === netuid)
  const rows = roles
    .filter(({ baselineRao, candidateRao }) => baselineRao !== '0' || candidateRao !== '0')
    .map((role) => [role.role, ...amounts(role)])
  const unused = roles.filter(({ baselineRao, candidateRao }) => baselineRao === '0' && candidateRao === '0')
  const note = `Never exercised: ${unused.map(({ role }) => role).join(', ')}.`
  return [
    colours.bold('By role (alpha)'),
    textTable([{ title: 'role', align: 'left' }, ...amountColumns], rows, width, paintChange(colours)),
    ...(unused.length === 0 ? [] : [`  ${wrapText(note, width, 2)}`]),
  ].join('\n')
}

function accountTable(
  result: RunResult,
  netuid: number,
  side: 'winners' | 'losers',
  colours: Colours,
  width: number,
): string {
  const accounts = ranked(result, netuid, side)
  const title = side === 'winners' ? 'Winners' : 'Losers'
  if (accounts.length === 0) return `${colours.bold(title)}: none`
  const rows = accounts
    .slice(0, listed)
    .map((account) => [
      shortAddress(account.hotkey),
      account.uid === null ? '-' : String(account.uid),
      account.role,
      ...amounts(account),
    ])
  const columns: Column[] = [
    { title: 'hotkey', align: 'left' },
    { title: 'uid', align: 'right' },
    { title: 'role', align: 'left' },
    ...amountColumns,
  ]
  const heading =
    accounts.length > listed ? `${title} (${listed} of ${accounts.length})` : `${title} (${accounts.length})`
  return `${colours.bold(heading)}\n${textTable(columns, rows, width, paintChange(colours))}`
}

/** What changes hands in each epoch; nothing of a run of one epoch. */
function timeline(result: RunResult, netuid: number, colours: Colours, width: number): string {
  const gained = result.epochs.filter((epoch) => epoch.netuid === netuid).map(({ gainedRao }) => BigInt(gainedRao))
  const [least, most] = [
    gained.reduce((a, b) => (a < b ? a : b), gained[0] ?? 0n),
    gained.reduce((a, b) => (a > b ? a : b), 0n),
  ]
  if (gained.length < 2 || most === 0n) return ''
  const range = `from ${formatRao(least, { decimals: 4 })} to ${formatRao(most, { decimals: 4 })} alpha an epoch`
  return [
    colours.bold('What the gaining accounts gain, epoch by epoch'),
    `  ${sparkline(gained, Math.min(60, width - 2))}`,
    `  ${wrapText(range, width, 2)}`,
  ].join('\n')
}

const amountColumns: readonly Column[] = [
  { title: 'baseline', align: 'right', optional: 'amounts' },
  { title: 'candidate', align: 'right', optional: 'amounts' },
  { title: 'change', align: 'right' },
  { title: '%', align: 'right' },
]

function amounts(change: { baselineRao: string; candidateRao: string; changeRao: string }): string[] {
  const [baselineRao, candidateRao, changeRao] = [
    BigInt(change.baselineRao),
    BigInt(change.candidateRao),
    BigInt(change.changeRao),
  ]
  return [
    formatRao(baselineRao, { decimals: 4 }),
    formatRao(candidateRao, { decimals: 4 }),
    formatRao(changeRao, { decimals: 4, sign: true }),
    formatPercent(changeRao, baselineRao, { sign: true }) ?? 'new',
  ]
}

function paintChange(colours: Colours) {
  return (cell: string, { title }: Column): string => {
    if (title !== 'change') return cell
    return cell.startsWith('+') ? colours.green(cell) : cell.startsWith('-') ? colours.red(cell) : cell
  }
}

function concentrationTable(result: RunResult, netuid: number, colours: Colours, width: number): string {
  const distributions = result.concentration.filter((distribution) => distribution.netuid === netuid)
  const shown = (value: number | null, decimals: number) => (value === null ? '-' : value.toFixed(decimals))
  const tables = (['stakeWeights', 'rewards'] as const).map((name) => {
    const own = distributions.filter(({ distribution }) => distribution === name)
    const columns: Column[] = [
      { title: name === 'stakeWeights' ? 'stake weights' : 'rewards', align: 'left' },
      ...own.flatMap(({ unit }): Column[] => [
        { title: `${unit}s: baseline`, align: 'right', ...(unit === 'coldkey' && { optional: unit }) },
        { title: 'candidate', align: 'right', ...(unit === 'coldkey' && { optional: unit }) },
      ]),
    ]
    const rows = concentrationRows.map(([title, metric, decimals]) => [
      title,
      ...own.flatMap(({ baseline, candidate }) => [
        shown(baseline[metric], decimals),
        shown(candidate[metric], decimals),
      ]),
    ])
    return textTable(columns, rows, width)
  })
  return `${colours.bold('Concentration')}\n${tables.join('\n\n')}`
}

const levels = ['error', 'warning', 'info', 'pass'] as const

function levelColours(colours: Colours) {
  return { error: colours.red, warning: colours.yellow, info: colours.cyan, pass: colours.green }
}

function countedLevels(result: RunResult, colours: Colours): string {
  const counts = levels.flatMap((level) => {
    const count = result.checks.filter((check) => check.level === level).length
    return count === 0 ? [] : [levelColours(colours)[level](`${count} ${level}`)]
  })
  const untrusted = result.checks.some(({ level }) => level === 'error')
  return `Checks: ${counts.join(', ') || 'none'}${untrusted ? colours.red('; do not rely on this run') : ''}`
}

function verdict(result: RunResult, colours: Colours, width: number): string {
  const paint = levelColours(colours)
  const of = (level: CheckLevel) => result.checks.filter((check) => check.level === level)
  const verdicts = levels.flatMap((level) =>
    of(level).map((check) => {
      const label = paint[level](level.padEnd(8))
      const lines = [`  ${label}${wrapText(`${check.name}: ${check.seen}`, width, 10)}`]
      if (level === 'error' || level === 'warning') {
        lines.push(`          ${wrapText(`expected: ${check.expected}`, width, 10)}`)
        lines.push(`          ${wrapText(`why: ${check.why}`, width, 10)}`)
      }
      return lines.join('\n')
    }),
  )
  return [colours.bold('Checks'), ...verdicts].join('\n')
}

function attribution(result: RunResult, netuid: number, colours: Colours, width: number): string {
  const rows = attributionRows(result, netuid)
  if (rows.length === 0) return ''
  const columns = attributionTitles.map((title): Column => {
    const optional = title === 'root' ? 'roles' : title === '51 %' ? 'coalition' : undefined
    return { title, align: title === 'change by' ? 'left' : 'right', ...(optional !== undefined && { optional }) }
  })
  const legend = attributionLegend(result).map((line) => `  ${wrapText(line, width, 5)}`)
  return [
    colours.bold(`Attribution on subnet ${netuid} (alpha by role; rewards of hotkeys)`),
    textTable(columns, rows, width),
    ...legend,
  ].join('\n')
}

function list(title: string, items: readonly string[], colours: Colours, width: number): string {
  if (items.length === 0) return `${colours.bold(title)}: nothing`
  return [colours.bold(title), ...items.map((item) => `  - ${wrapText(item, width, 4)}`)].join('\n')
}

function repetition(result: RunResult, digest: string, colours: Colours, width: number): string {
  const offline = offlineHint(result)
  return [
    colours.bold('Run it again'),
    `  ${rerunCommand(result)}`,
    ...(offline === undefined ? [] : [`  ${wrapText(offline, width, 2)}`]),
    `  ${wrapText(`with epochdiff ${result.tool.version} it must give the same result but for its timing:`, width, 2)}`,
    `  result    ${digest}`,
    `  scenario  ${result.scenario.sha256}`,
    `  baseline  ${result.runtimes.baseline.sha256}`,
    `  candidate ${result.runtimes.candidate.sha256}`,
  ].join('\n')
}
