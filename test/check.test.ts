import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CheckedScenario } from '../harness/report/checkReport.js'
import { validJunit } from './junitSchema.js'
import { runCli } from './runCli.js'

const repository = fileURLToPath(new URL('..', import.meta.url))
let folder: string
let config: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-check-'))
  cpSync(join(repository, 'scenarios'), join(folder, 'scenarios'), { recursive: true })
  mkdirSync(join(folder, 'ci'))
  config = join(folder, 'ci', 'check.yaml')
  writeFileSync(config, configOf())
})
afterAll(() => rmSync(folder, { recursive: true }))

function configOf(set = 'stake-cap.percentile=88', tolerances = ''): string {
  return [
    'version: 1',
    'baselines: kept',
    'scenarios:',
    '  - file: ../scenarios/sn31-stake-cap-88.yaml',
    `    set: [replay.epochs=1, ${set}]`,
    tolerances,
  ].join('\n')
}

const check = (...args: string[]) => runCli(['check', '--config', config, ...args])
const keptFile = () => join(folder, 'ci', 'kept', 'sn31-stake-cap-88.json')

async function levels(...args: string[]): Promise<Record<string, string>> {
  const { stdout } = await check('--json', ...args)
  const [scenario] = JSON.parse(stdout) as CheckedScenario[]
  const kept = scenario?.checks.filter(({ name }) => name.startsWith('kept result')) ?? []
  return Object.fromEntries(kept.map(({ name, level }) => [name.replace('kept result: ', ''), level]))
}

it('the shipped scenarios give what is kept in ci/baseline', async () => {
  const { exitCode, stdout } = await runCli(['check', '--json'])
  const checked = JSON.parse(stdout) as CheckedScenario[]
  const failures = checked.flatMap(({ name, checks }) =>
    checks.filter(({ level }) => level === 'error').map((each) => `${name}: ${each.name}: ${each.seen}`),
  )
  expect(failures).toEqual([])
  expect(exitCode).toBe(0)
  expect(checked.map(({ name }) => `${name}.json`).sort()).toEqual(readdirSync(join(repository, 'ci/baseline')).sort())
}, 600_000)

describe('check', () => {
  it('fails without a kept result, keeps one, and passes with it', async () => {
    const first = await check()
    expect(first.exitCode).toBe(1)
    expect(first.stdout).toContain('error kept result: none')
    expect(existsSync(keptFile())).toBe(false)

    expect((await check('--update')).exitCode).toBe(0)
    expect(existsSync(keptFile())).toBe(true)

    const [junit, markdown] = [join(folder, 'junit.xml'), join(folder, 'comment.md')]
    const second = await check('--junit', junit, '--markdown', markdown)
    expect({ exitCode: second.exitCode, last: second.stdout.split('\n').at(-2) }).toEqual({
      exitCode: 0,
      last: 'All 1 pass.',
    })
    const document = validJunit(readFileSync(junit, 'utf8'))
    expect(document.find('//testcase/@name').map(({ content }) => content)).toContain(
      'kept result: metrics (subnet 31)',
    )
    expect(document.get('//failure')).toBeNull()
    expect(readFileSync(markdown, 'utf8')).toContain('| ✅ | sn31-stake-cap-88 |')
  }, 300_000)

  it('fails when the proposal does something else, unless the tolerances allow it', async () => {
    writeFileSync(config, configOf('stake-cap.percentile=80'))
    const [junit, markdown] = [join(folder, 'junit.xml'), join(folder, 'comment.md')]
    const { exitCode, stdout } = await check('--junit', junit, '--markdown', markdown)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(
      /error kept result: metrics \(subnet 31\): candidate\.stakeWeights\.hotkey\.gini 0\.\d+ -> 0\.\d+;/,
    )
    expect(validJunit(readFileSync(junit, 'utf8')).find('//testcase[failure]')).toHaveLength(1)
    expect(readFileSync(markdown, 'utf8')).toContain('| ❌ | sn31-stake-cap-88 | kept result:')

    writeFileSync(config, configOf('stake-cap.percentile=80', 'tolerances: [{ metric: "*", absolute: 10000 }]'))
    expect(await levels()).toEqual({
      'what was run': 'warning',
      'metrics (subnet 31)': 'pass',
      verdicts: 'pass',
      amounts: 'info',
    })
  }, 300_000)

  it('keeps no result of a run that fails', async () => {
    const before = readFileSync(keptFile(), 'utf8')
    const scenario = join(folder, 'scenarios/sn31-stake-cap-88.yaml')
    const text = readFileSync(scenario, 'utf8')
    writeFileSync(scenario, `${text}\nexpect:\n  - { metric: winners, op: '<', value: 0 }\n`)
    const { exitCode, stderr } = await check('--update')
    writeFileSync(scenario, text)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/E623: .*expectation: winners/)
    expect(readFileSync(keptFile(), 'utf8')).toBe(before)
  }, 300_000)

  it.each([
    ['nothing to check', 'version: 1\nbaselines: kept\nscenarios: []\n', 2, /E620/],
    [
      'an unknown key',
      'version: 1\nbaselines: kept\nscenarios: []\ntolerance: []\n',
      2,
      /E103: .*check\.yaml:4:1: tolerance/,
    ],
    [
      'a name twice',
      'version: 1\nbaselines: kept\nscenarios: [{ file: ../scenarios/sn31-noop.yaml }, { file: ../scenarios/sn31-noop.yaml }]\n',
      2,
      /E622: .*sn31-noop/,
    ],
    ['no such scenario', 'version: 1\nbaselines: kept\nscenarios: [{ file: none.yaml }]\n', 2, /E101: .*none\.yaml/],
  ])('refuses %s', async (_, text, code, says) => {
    writeFileSync(config, text)
    const { exitCode, stdout, stderr } = await check()
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' })
    expect(stderr).toMatch(says)
  })

  it('refuses a kept result that is none, and a place where nothing can be written', async () => {
    writeFileSync(config, configOf())
    const kept = readFileSync(keptFile(), 'utf8')
    writeFileSync(keptFile(), '{}')
    expect(await check()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('E621') })
    writeFileSync(keptFile(), kept)
    const { exitCode, stderr } = await check('--junit', join(folder, 'no/such/place.xml'))
    expect(exitCode).toBe(3)
    expect(stderr).toContain('error E721')
  }, 300_000)
})
