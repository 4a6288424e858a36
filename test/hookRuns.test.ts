import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { parseRunResult, type RunResult } from '../harness/report/runResult.js'
import { runCli, spawnCli } from './runCli.js'

// Hooks as a user runs them.

let folder: string
const scenarios = fileURLToPath(new URL('../scenarios/', import.meta.url))

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-hooks-'))
  cpSync(join(scenarios, 'small.fork.yaml'), join(folder, 'small.fork.yaml'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function scenario(patches: readonly unknown[]): string {
  const file = join(folder, 'hook.yaml')
  const head = { version: 1, name: 'hook', title: 'A hook', fork: 'small.fork.yaml', runtime: 'reference' }
  writeFileSync(file, stringify({ ...head, subnets: [1], replay: { epochs: 1, mode: 'jump' }, patches }))
  return file
}

function hookFile(name: string, text: string): { kind: 'hook'; file: string } {
  writeFileSync(join(folder, name), text)
  return { kind: 'hook', file: name }
}

async function result(patches: readonly unknown[], ...more: string[]): Promise<RunResult> {
  const { exitCode, stdout, stderr } = await runCli(['run', scenario(patches), '--json', '--allow-hooks', ...more])
  if (exitCode !== 0) throw new Error(stderr)
  return parseRunResult(stdout)
}

const define = (body: string) => `import { definePolicy } from 'epochdiff'
export const policy = definePolicy({ name: 'mine',
  ${body}
})`

const identity = define('stakeWeights: (_ctx, weights) => weights, epochRewards: (_ctx, rewards) => rewards,')

describe('a run with a hook', () => {
  it('tells of the file and what it did', async () => {
    cpSync(join(scenarios, 'hooks'), join(folder, 'hooks'), { recursive: true })
    const file = 'hooks/square-root-stake.ts'
    const run = await result([{ kind: 'hook', file, params: { strength: 1 } }])
    const sha256 = createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex')
    expect(run.patches).toEqual([{ kind: 'hook', file, sha256, params: { strength: 1 } }])
    expect(run.rewards.isEmpty).toBe(false)
    expect(run.mocks).toContainEqual(expect.stringContaining('TypeScript'))
    expect(run.runtimes.candidate.weave?.patches).toEqual([
      expect.objectContaining({ policy: 'hook:square-root-stake', hook: 'stake_weights' }),
    ])
    const none = await result(
      [{ kind: 'hook', file, params: { strength: 1 } }],
      '--set',
      'square-root-stake.strength=0',
    )
    expect(none.rewards).toMatchObject({ isEmpty: true, sameVectors: true })
  })

  it('changes nothing if the hook returns what it was given, twice and beside a policy', async () => {
    const hook = hookFile('identity.mjs', identity)
    const policy = { kind: 'policy', policy: 'trust-bonus', beta: 1 }
    const storage = ({ epochs }: RunResult) => epochs.map(({ candidate }) => candidate.storageSha256)
    expect(storage(await result([hook, policy, { ...hook }]))).toEqual(storage(await result([policy])))
  })

  it('moves rao between the pools, as the policy that does so', async () => {
    const tenth = hookFile(
      'tenth.ts',
      define(`rolePools: (_ctx, { epochRao, serverRao, validatorRao }) =>
        ({ serverRao: serverRao + epochRao / 10n, validatorRao: validatorRao - epochRao / 10n }),`),
    )
    const split = { kind: 'policy', policy: 'role-split', miner: 0.6, validator: 0.4 }
    const [hooked, woven] = [await result([tenth]), await result([split])]
    expect(hooked.rewards).toEqual(woven.rewards)
    expect(hooked.epochs).toEqual(woven.epochs)
    expect(hooked.runtimes.candidate.weave?.patches).toEqual([
      expect.objectContaining({ policy: 'hook:mine', hook: 'epoch_rewards', payout: expect.any(String) }),
    ])
  })

  it('acts in the order stated', async () => {
    const first = hookFile(
      'first.ts',
      define(`epochRewards: (_ctx, rows) => rows.map((row, uid) =>
        ({ ...row, serverRao: uid === 0 ? rows.reduce((sum, each) => sum + each.serverRao, 0n) : 0n })),`),
    )
    const trust = { kind: 'policy', policy: 'performance-weighted', lambda: 1, pool: 'miner' }
    const miners = (run: RunResult) =>
      run.rewards.accounts.filter(({ role, candidateRao }) => role === 'miner' && candidateRao !== '0')
    expect(miners(await result([trust, first])).length).toBeLessThanOrEqual(1)
    expect(miners(await result([first, trust])).length).toBeGreaterThan(5)
  })
})

const rows = (change: string) => define(`epochRewards: (ctx, rows) => rows.map((row) => (${change})),`)
const weights = (body: string) => define(`\nstakeWeights(ctx, weights) {\n${body}\n},`)

type Case = readonly [title: string, text: string, exitCode: 1 | 2, says: RegExp]
const cases: readonly Case[] = [
  ['a syntax error', 'import { definePolicy } from\n  definePolicy({', 2, /E342: bad\.ts:2:\d+: /],
  ['no policy', 'export const x = 1', 2, /E343: bad\.ts: it calls definePolicy not at all\./],
  [
    'a failure',
    weights('  throw new Error("no luck")'),
    1,
    /E344: bad\.ts:5:9: the hook failed in stakeWeights at block \d+, subnet \d: no luck\./,
  ],
  ['the clock', weights('  return [BigInt(Date.now())]'), 2, /E345: bad\.ts:5:\d+: the hook used Date\.now\./],
  [
    'files',
    `import { readFileSync } from 'node:fs'\n${weights('return [readFileSync("/etc/hostname")]')}`,
    2,
    /E345: bad\.ts:1:1: .*the module "node:fs"/,
  ],
  [
    'memory without end',
    weights('  const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length))'),
    1,
    /E347: .*bad\.ts/,
  ],
  ['one allocation beyond V8', weights('  return "x".repeat(2 ** 28).split("")'), 1, /E347: .*bad\.ts/],
  ['as much when it is loaded', `"x".repeat(2 ** 28).split("")\n${identity}`, 1, /E347: .*bad\.ts/],
  [
    'more rao than is there',
    rows('{ ...row, serverRao: row.serverRao + 1n }'),
    1,
    /E349: bad\.ts: the hook was given \d+ rao for the miners' pool and returned \d+ in epochRewards at block \d+, subnet \d/,
  ],
]

describe('a bad hook', () => {
  it.each(cases)('%s', async (_, text, exitCode, says) => {
    const file = scenario([hookFile('bad.ts', text)])
    const before = readdirSync(folder)
    // How the process ends is part of a run that fails.
    const start = exitCode === 1 ? spawnCli : runCli
    const outcome = await start(['run', file, '--allow-hooks', '--out', join(folder, 'out')])
    expect(readdirSync(folder)).toEqual(before)
    const error = outcome.stderr.slice(outcome.stderr.indexOf('error '))
    expect(error).toMatch(says)
    expect(error.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
    expect(error).not.toMatch(/^ +at /m)
    expect(outcome).toMatchObject({ exitCode, stdout: '' })
  })

  it('is not there, or no script', async () => {
    const missing = await runCli(['run', scenario([{ kind: 'hook', file: 'none.ts' }]), '--allow-hooks'])
    expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/E340: .*none\.ts .*no such file/) })
    const yaml = await runCli(['run', scenario([{ kind: 'hook', file: 'hook.yaml' }]), '--allow-hooks'])
    expect(yaml).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/E340: .*hook\.yaml .*\.ts, \.js, \.mjs/) })
  })

  it('does not run unless it is allowed, nor in chopsticks', async () => {
    const file = scenario([hookFile('loud.ts', `console.log('it ran')\n${identity}`)])
    const refused = await runCli(['run', file])
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^error E341: .*loud\.ts.*--allow-hooks/s),
    })
    expect(refused.stderr).not.toContain('it ran')
    expect((await runCli(['run', file, '--allow-hooks'])).stderr).toContain('it ran')
    const chopsticks = await runCli(['run', file, '--allow-hooks', '--engine', 'chopsticks'])
    expect(chopsticks).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^error E350: .*loud\.ts/) })
  })

  it.each([
    ['mine.strength=2', /has no|gives the hook no "strength"/],
    ['mine.factor=x', /x is not accepted/],
  ])('is not given %s', async (override, says) => {
    const hook = { ...hookFile('mine.ts', identity), params: { factor: 1 } }
    const outcome = await runCli(['run', scenario([hook]), '--allow-hooks', '--set', override])
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(says) })
    expect(outcome.stderr).toMatch(/^error E104/)
  })
})
