import type { Check } from '../checks/check.js'
import { junitReport } from './junit.js'
import { markdownText } from './markdownText.js'
import { printable } from './printable.js'
import { shownName } from './shownName.js'

/** A scenario that was run and compared with what was kept of it. */
export interface CheckedScenario {
  readonly name: string
  readonly title: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly totalMs: number
  /** Of the run, then of the comparison. */
  readonly checks: readonly Check[]
}

const failuresOf = ({ checks }: CheckedScenario) => checks.filter(({ level }) => level === 'error')
const warningsOf = ({ checks }: CheckedScenario) => checks.filter(({ level }) => level === 'warning')

/** As a person reads it: a line a scenario, and what failed or warns below it. */
export function renderChecked(scenarios: readonly CheckedScenario[]): string {
  const failed = scenarios.filter((scenario) => failuresOf(scenario).length > 0).length
  const lines = scenarios.flatMap((scenario) => [
    `${failuresOf(scenario).length > 0 ? 'FAIL' : 'ok  '}  ${printable(scenario.name)}: ${scenario.checks.length} checks in ${(scenario.totalMs / 1000).toFixed(1)} s`,
    ...[...failuresOf(scenario), ...warningsOf(scenario)].flatMap(({ name, level, seen, expected, why }) => [
      `      ${level} ${printable(name)}: ${shownName(seen, 1000)}`,
      `        expected: ${shownName(expected, 300)}`,
      `        why: ${shownName(why, 300)}`,
    ]),
  ])
  const verdict = failed === 0 ? `All ${scenarios.length} pass.` : `${failed} of ${scenarios.length} fail.`
  return `${[...lines, verdict].join('\n')}\n`
}

/** A suite a scenario, a test case a check. */
export function renderCheckedJunit(scenarios: readonly CheckedScenario[]): string {
  return junitReport(scenarios.map((scenario) => ({ ...scenario, properties: { title: scenario.title } })))
}

/** How many scenarios, and failures of each, the comment lists: below GitHub's limit for comments whatever their number. */
const listed = { scenarios: 50, failures: 5 }

/** As the comment of a pull request. */
export function renderCheckedMarkdown(scenarios: readonly CheckedScenario[]): string {
  const failing = scenarios.filter((scenario) => failuresOf(scenario).length > 0)
  const ordered = [...failing, ...scenarios.filter((scenario) => !failing.includes(scenario))]
  const rows = ordered.slice(0, listed.scenarios).map((scenario) => {
    const [failures, warnings] = [failuresOf(scenario), warningsOf(scenario)]
    const told = [...failures, ...warnings].slice(0, failures.length > 0 ? listed.failures : 1)
    const seen = told.map(({ name, seen }) => `${markdownText(name, 60)}: ${markdownText(seen, 60)}`)
    const more = failures.length + warnings.length - told.length
    const mark = failures.length > 0 ? '❌' : warnings.length > 0 ? '⚠️' : '✅'
    return `| ${mark} | ${markdownText(scenario.name, 60)} | ${[...seen, ...(more > 0 ? [`and ${more} more`] : [])].join('<br>') || `${scenario.checks.length} checks`} |`
  })
  const left = ordered.length - rows.length
  return [
    '## epochdiff check',
    '',
    failing.length === 0
      ? `All ${scenarios.length} scenarios pass.`
      : `**${failing.length} of ${scenarios.length} scenarios fail.**`,
    '',
    '| | scenario | |',
    '| --- | --- | --- |',
    ...rows,
    ...(left === 0 ? [] : ['', `_${left} more, all listed in the JUnit report._`]),
    '',
  ].join('\n')
}
