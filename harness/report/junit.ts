import type { CheckLevel } from '../checks/check.js'
import type { RunResult } from './runResult.js'
import { shownName } from './shownName.js'

type Check = RunResult['checks'][number]

/** One suite of a JUnit report. */
interface JunitSuite {
  readonly name: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly totalMs: number
  readonly properties: Readonly<Record<string, string>>
  /** One test case each; an error is a failure, a warning passes and is told in the output. */
  readonly checks: readonly Check[]
}

const longestName = 300
const longestText = 4000

/** The checks of a run as a JUnit report: one test case a check. Valid against the schemas of Ant and of Jenkins. */
export function renderJunit(result: RunResult): string {
  return junitReport([
    {
      name: result.scenario.name,
      ...result.timing,
      properties: {
        tool: `${result.tool.name} ${result.tool.version}`,
        engine: result.engine,
        scenarioSha256: result.scenario.sha256,
        baselineSha256: result.runtimes.baseline.sha256,
        candidateSha256: result.runtimes.candidate.sha256,
      },
      checks: result.checks,
    },
  ])
}

/** Suites as one report. */
export function junitReport(suites: readonly JunitSuite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...suites.flatMap((suite, id) => suiteLines(suite, id)),
    '</testsuites>',
    '',
  ].join('\n')
}

// What both schemas take: the suite's children in this order, all of them; no output within a test case.
function suiteLines({ name, startedAt, totalMs, properties, checks }: JunitSuite, id: number): string[] {
  const failed = checks.filter(({ level }) => level === 'error')
  const told = checks.filter(({ level }) => level !== 'error')
  const attributes = {
    name: shownName(name, longestName),
    package: 'epochdiff',
    id,
    hostname: 'localhost',
    timestamp: startedAt.slice(0, 19),
    time: (totalMs / 1000).toFixed(3),
    tests: checks.length,
    failures: failed.length,
    errors: 0,
  }
  return [
    `  <testsuite ${attributeList(attributes)}>`,
    '    <properties>',
    ...Object.entries(properties).map(([key, value]) => {
      return `      <property ${attributeList({ name: key, value: shownName(value, longestText) })}/>`
    }),
    '    </properties>',
    ...checks.flatMap((check) => caseLines(name, check)),
    `    <system-out>${xml(told.map(textOf).join('\n'))}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
  ]
}

function caseLines(suite: string, check: Check): string[] {
  const classname = `epochdiff.${shownName(suite, longestName)}`
  const head = `    <testcase ${attributeList({ name: shownName(check.name, longestName), classname, time: '0' })}`
  if (check.level !== 'error') return [`${head}/>`]
  const message = shownName(check.seen, longestText)
  return [
    `${head}>`,
    `      <failure ${attributeList({ message, type: 'error' })}>${xml(textOf(check))}</failure>`,
    '    </testcase>',
  ]
}

const words: Record<CheckLevel, string> = { error: 'ERROR', warning: 'WARNING', info: 'INFO', pass: 'PASS' }

function textOf({ name, level, seen, expected, why }: Check): string {
  const line = (text: string) => shownName(text, longestText)
  return `${words[level]} ${line(name)}\n  seen: ${line(seen)}\n  expected: ${line(expected)}\n  why: ${line(why)}`
}

function attributeList(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${xml(String(value))}"`)
    .join(' ')
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
