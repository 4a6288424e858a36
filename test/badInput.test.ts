import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CliOutcome, runCli } from './runCli.js'
import { assemble } from './wasmHost.js'

// Whatever a user gets wrong: one error that says what and where, the right exit code, nothing else.

const repository = fileURLToPath(new URL('..', import.meta.url))
const cap = 'scenarios/sn31-stake-cap-88.yaml'
let folder: string

/** A path in the folder of this test. */
const at = (name: string) => join(folder, name)

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function replaced(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`"${from}" stands not once in the file`)
  return text.replace(from, to)
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
  cpSync(join(repository, 'scenarios'), folder, { recursive: true })
  const scenario = readFileSync(join(repository, cap), 'utf8')
  const fork = readFileSync(at('sn31.fork.yaml'), 'utf8')
  const recording = readFileSync(at('data/sn31.json.gz'))
  const runtime = readFileSync(join(repository, 'runtime-patches/prebuilt/epochdiff_runtime.wasm'))
  const variant = (name: string, from: string, to: string) => writeFileSync(at(name), replaced(scenario, from, to))

  variant('unknown-key.yaml', 'patches:', 'expct: []\npatches:')
  variant('unknown-param.yaml', 'scope: permitted', 'skope: permitted')
  for (const percentile of ['0', '101', 'abc']) {
    variant(`percentile-${percentile}.yaml`, 'percentile: 88', `percentile: ${percentile}`)
  }
  writeFileSync(at('no-yaml.yaml'), `${scenario}\n\tx: [`)

  const altered = Buffer.from(recording)
  altered[altered.length >> 1] = (altered[altered.length >> 1] ?? 0) ^ 1
  const recordings = { truncated: recording.subarray(0, recording.length >> 1), altered }
  for (const [name, bytes] of Object.entries(recordings)) {
    writeFileSync(at(`${name}.json.gz`), bytes)
    writeFileSync(at(`${name}.fork.yaml`), replaced(fork, 'data/sn31.json.gz', `${name}.json.gz`))
    variant(`${name}.yaml`, 'fork: sn31.fork.yaml', `fork: ${name}.fork.yaml`)
    // The same with its own sum stated: the content itself must be refused.
    const summed = replaced(fork, sha256(recording), sha256(bytes))
    writeFileSync(at(`${name}-summed.fork.yaml`), replaced(summed, 'data/sn31.json.gz', `${name}.json.gz`))
    variant(`${name}-summed.yaml`, 'fork: sn31.fork.yaml', `fork: ${name}-summed.fork.yaml`)
  }

  const runtimes = {
    tiny: assemble('(module (func $epoch) (export "epoch" (func $epoch)))'),
    'without-hook': renamed(runtime, 'get_stake_weights_for_network', 'got_stake_weights_for_network'),
    'not-wasm': Buffer.from('This is no runtime.\n'),
    cut: runtime.subarray(0, runtime.length >> 1),
  }
  for (const [name, bytes] of Object.entries(runtimes)) {
    writeFileSync(at(`${name}.wasm`), bytes)
    variant(`runtime-${name}.yaml`, 'runtime: reference', `runtime: ${name}.wasm`)
  }
  variant('runtime-missing.yaml', 'runtime: reference', 'runtime: missing.wasm')

  writeFileSync(at('a-file'), 'in the way\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The module with a name changed to another of the same length. */
function renamed(module: Buffer, from: string, to: string): Buffer {
  return Buffer.from(module.toString('latin1').replaceAll(from, to), 'latin1')
}

/** What the error says, after the steps that were reached. */
function expectOneError({ stdout, stderr }: CliOutcome): string {
  expect(stdout).toBe('')
  const lines = stderr.trimEnd().split('\n')
  const first = lines.findIndex((line) => line.startsWith('error '))
  const error = lines.slice(first)
  expect(first).toBeGreaterThanOrEqual(0)
  expect(lines.slice(0, first).filter((line) => !/^(Reading|Replaying|Comparing) /.test(line))).toEqual([])
  expect(error.length).toBeLessThanOrEqual(3)
  expect(error[0]).toMatch(/^error E\d{3}: \S.*\S$/)
  expect(error.slice(1, -1).every((line) => line.startsWith('  why: '))).toBe(true)
  expect(error.at(-1)).toMatch(/^ {2}fix: \S.*[.?]$/)
  expect(stderr).not.toMatch(/^ +at /m)
  return error.join('\n')
}

const files = () => (readdirSync(folder, { recursive: true }) as string[]).sort()

type Case = readonly [title: string, args: () => string[], exitCode: 1 | 2 | 3, says: RegExp]

const run = (name: string, ...more: string[]) => ['run', at(name), ...more]
const set = (override: string) => () => ['run', cap, '--set', override]

const usage: Case[] = [
  ['no command', () => [], 2, /E100: Name a command\./],
  ['an unknown command', () => ['rnu', cap], 2, /E100: .*rnu/],
  ['an unknown option', () => ['run', cap, '--frob'], 2, /E100: .*frob/],
  ['no scenario', () => ['run'], 2, /E100/],
  ['an override without a value', () => ['run', cap, '--set'], 2, /E100: .*set/],
  ['an output folder twice', () => ['run', cap, '--out', 'a', '--out', 'b'], 2, /E100: --out is given more than once/],
  ['an unknown engine', () => ['run', cap, '--engine', 'fast'], 2, /E100: .*"fast".*"native", "chopsticks"/],
  ['no epochs', () => ['run', cap, '--epochs', '0'], 2, /E104: .*epochs=0.*\n.*1 to 100/],
  ['too many epochs', () => ['run', cap, '--epochs', '101'], 2, /E104: .*epochs=101.*\n.*1 to 100/],
  ['epochs that are no number', () => ['run', cap, '--epochs', 'x'], 2, /E104: .*epochs=x.*\n.*1 to 100/],
  ['percentile 0 by --set', set('stake-cap.percentile=0'), 2, /E104: .*percentile=0.*\n.*above 0 up to 100/],
  ['percentile 101 by --set', set('stake-cap.percentile=101'), 2, /E104: .*percentile=101.*\n.*above 0 up to 100/],
  ['percentile "abc" by --set', set('stake-cap.percentile=abc'), 2, /E104: .*'abc'.*\n.*above 0 up to 100/],
  ['a policy that the scenario lacks', set('stakecap.percentile=90'), 2, /E104: .*\n.*Did you mean "stake-cap"\?/],
]

const scenarios: Case[] = [
  ['no such scenario', () => run('none.yaml'), 2, /E101: .*none\.yaml cannot be read: there is no such file/],
  ['no YAML', () => run('no-yaml.yaml'), 2, /E102: .*no-yaml\.yaml:\d+:\d+: /],
  [
    'an unknown key',
    () => run('unknown-key.yaml'),
    2,
    /E103: .*unknown-key\.yaml:14:1: expct: .*\n.*Did you mean "expect"\?/,
  ],
  [
    'an unknown parameter',
    () => run('unknown-param.yaml'),
    2,
    /E103: .*unknown-param\.yaml:18:\d+: .*skope.*\n.*percentile, scope/,
  ],
  [
    'percentile 0',
    () => run('percentile-0.yaml'),
    2,
    /E103: .*percentile-0\.yaml:17:17: .*cannot be 0\.\n.*above 0 up to 100/,
  ],
  ['percentile 101', () => run('percentile-101.yaml'), 2, /E103: .*:17:17: .*cannot be 101\.\n.*above 0 up to 100/],
  ['percentile "abc"', () => run('percentile-abc.yaml'), 2, /E103: .*:17:17: .*cannot be 'abc'\.\n.*above 0 up to 100/],
]

const data: Case[] = [
  ['truncated data', () => run('truncated.yaml'), 2, /E212: .*truncated\.json\.gz has sha256 [0-9a-f]{64}, not f7dece/],
  ['altered data', () => run('altered.yaml'), 2, /E212: .*altered\.json\.gz has sha256 [0-9a-f]{64}, not f7dece/],
  ['truncated data with its own sum', () => run('truncated-summed.yaml'), 2, /E213: .*truncated\.json\.gz/],
  ['altered data with its own sum', () => run('altered-summed.yaml'), 2, /E213: .*altered\.json\.gz/],
]

const runtimes: Case[] = [
  ['no such runtime', () => run('runtime-missing.yaml'), 2, /E105: .*missing\.wasm cannot be read/],
  [
    'a runtime that is no wasm',
    () => run('runtime-not-wasm.yaml'),
    2,
    /E403: The runtime of .* does not start like a wasm module/,
  ],
  [
    'a runtime that is cut off',
    () => run('runtime-cut.yaml'),
    2,
    /E403: The runtime of .* ends in the middle of a section/,
  ],
  ['a module without memory', () => run('runtime-tiny.yaml'), 2, /E403: The runtime of .* has no memory/],
  [
    'a runtime without the hook',
    () => run('runtime-without-hook.yaml'),
    2,
    /E301: .*"stake_weights".*get_stake_weights/,
  ],
]

const output: Case[] = [
  ['--out below a file', () => ['run', cap, '--epochs', '1', '--out', at('a-file/result')], 3, /E702: .*a-file/],
  ['--out that is a file', () => ['run', cap, '--epochs', '1', '--out', at('a-file')], 3, /E702: .*a-file/],
]

describe.each([
  ['usage', usage],
  ['scenario', scenarios],
  ['data', data],
  ['runtime', runtimes],
  ['output', output],
])('%s', (_, cases) => {
  it.each(cases)('%s', async (_title, args, exitCode, says) => {
    const before = files()
    const outcome = await runCli(args())
    expect(expectOneError(outcome)).toMatch(says)
    expect(outcome.exitCode).toBe(exitCode)
    expect(files()).toEqual(before)
  })
})

it('shows where the error was made, with --debug alone', async () => {
  const { stderr, exitCode } = await runCli(['run', cap, '--epochs', '0', '--debug'])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/^error E104: /)
  expect(stderr).toMatch(/^ +at .*loadScenario/m)
})
