import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MARKDOWN_LIMIT_BYTES } from '../harness/report/markdown.js'
import { parseRunResult, type RunResult } from '../harness/report/runResult.js'
import { validJunit } from './junitSchema.js'
import { runCli } from './runCli.js'
import { runForResult } from './runResult.js'

// Real runs in every form: one of three subnets, one of subnet 31 in which the proposal never binds.

describe('a run of three subnets', () => {
  let folder: string
  let result: RunResult
  const file = (name: string) => readFileSync(join(folder, name), 'utf8')

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'epochdiff-forms-'))
    const run = ['run', 'scenarios/small-stake-cap.yaml', '--epochs', '2', '--set', 'replay.mode=jump', '--out', folder]
    const { exitCode, stderr } = await runCli(run)
    if (exitCode !== 0) throw new Error(stderr)
    result = parseRunResult(file('result.json'))
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  it('has a row a subnet in Markdown, and a section each', () => {
    const markdown = file('report.md')
    for (const netuid of [1, 2, 3]) {
      expect(markdown).toMatch(new RegExp(`^\\| ${netuid} \\| \\d+ \\| \\d+ \\|`, 'm'))
      expect(markdown).toContain(`<summary>Subnet ${netuid}</summary>`)
    }
    expect(Buffer.byteLength(markdown)).toBeLessThan(MARKDOWN_LIMIT_BYTES)
  })

  it('has a test case for each check in JUnit', () => {
    const names = validJunit(file('junit.xml')).find('//testcase/@name')
    expect(names.map(({ content }) => content)).toEqual(result.checks.map(({ name }) => name))
  })

  it('adds up in CSV to what each role is paid, in both arms', () => {
    const rows = file('ledger.csv').trim().split('\n').slice(1)
    const paid = new Map<string, bigint>()
    for (const row of rows) {
      const [, netuid, , arm, role, , , , rao = ''] = row.split(',')
      const key = `${netuid} ${role} ${arm}`
      paid.set(key, (paid.get(key) ?? 0n) + BigInt(rao))
    }
    for (const { netuid, role, baselineRao, candidateRao } of result.rewards.roles) {
      expect(paid.get(`${netuid} ${role} baseline`) ?? 0n).toBe(BigInt(baselineRao))
      expect(paid.get(`${netuid} ${role} candidate`) ?? 0n).toBe(BigInt(candidateRao))
    }
    const roles = new Set(rows.map((row) => row.split(',')[4]))
    expect([...roles].sort()).toEqual(['burned', 'miner', 'nominator', 'owner', 'root', 'validator'])
  })

  it('says what each subnet shows on the terminal and in HTML', () => {
    for (const netuid of [1, 2, 3]) {
      expect(file('report.txt').replaceAll(/\s+/g, ' ')).toContain(`over 2 epochs of subnet ${netuid}.`)
      expect(file('report.html')).toMatch(new RegExp(`[Ss]ubnet ${netuid}\\b`))
    }
  })
})

it('a proposal that should change something and changes nothing is a warning, in every form', async () => {
  const cap = ['scenarios/sn31-stake-cap-88.yaml', '--epochs', '1', '--set', 'stake-cap.percentile=99.9']
  const { result } = await runForResult(cap)
  expect(result.rewards.isEmpty).toBe(true)
  expect(result.checks).toContainEqual(expect.objectContaining({ name: 'no-op', level: 'warning' }))
  const { exitCode, stdout } = await runCli(['run', ...cap, '--format', 'markdown'])
  expect(exitCode).toBe(0)
  expect(stdout.slice(0, stdout.indexOf('<details>'))).toMatch(
    /\| ⚠️ warning \| no-op \| every account is paid the same/,
  )
}, 300_000)
