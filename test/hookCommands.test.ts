import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { openFakeNode } from './fakeNode.js'
import { otherVersion } from './otherVersion.js'
import { runCli } from './runCli.js'
import { smallChain } from './smallChain.js'

// What every command does with hooks; and bundles of runs that took more than a policy. One epoch of `small` each.

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-commands-'))
  mkdirSync(join(folder, 'scenarios/hooks'), { recursive: true })
  mkdirSync(join(folder, 'elsewhere'))
  writeFileSync(join(folder, 'scenarios/small.fork.yaml'), 'version: 1\nbuiltIn: small\nseed: 1\n')
  writeFileSync(
    join(folder, 'scenarios/hooks/even.ts'),
    `import { definePolicy } from 'epochdiff'
export const policy = definePolicy({
  name: 'even',
  stakeWeights: (_ctx, weights) => weights.map((weight: bigint) => (weight > 0n ? 1n << 80n : 0n)),
})
`,
  )
  writeFileSync(join(folder, 'elsewhere/next.wasm'), otherVersion(loadPrebuilt('epochdiff_runtime').wasm, 426))
})
afterAll(() => rmSync(folder, { recursive: true }))

const hook = { kind: 'hook', file: 'hooks/even.ts' }
const cap = { kind: 'policy', policy: 'stake-cap', percentile: 60 }
const kappa = { kind: 'storage', set: { 'SubtensorModule.Kappa(1)': 43_690 } }

function scenario(name: string, patches: readonly object[], more: object = {}): string {
  const file = join(folder, 'scenarios', `${name}.yaml`)
  const head = { version: 1, name, title: name, fork: 'small.fork.yaml', runtime: 'reference', subnets: [1] }
  writeFileSync(file, stringify({ ...head, replay: { epochs: 1, mode: 'jump' }, ...more, patches }))
  return file
}

const errorOf = (stderr: string) => /^error .*$/m.exec(stderr)?.[0]

/** Refused without the option, and as the error says done with it. */
async function onlyIfAllowed(args: readonly string[]): Promise<string> {
  const refused = await runCli(args)
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
  expect(refused.stderr).toMatch(/error E341: .*hooks\/even\.ts\.\n.*\n.*--allow-hooks\.\n$/)
  const allowed = await runCli([...args, '--allow-hooks'])
  expect([allowed.exitCode, errorOf(allowed.stderr)]).toEqual([0, undefined])
  return allowed.stdout
}

describe('a scenario with a hook', () => {
  it('runs into a bundle that holds the hook in its place, and verify repeats it, attribution too', async () => {
    const bundle = join(folder, 'bundle')
    await onlyIfAllowed(['run', scenario('even', [hook, kappa]), '--attribute', '--out', bundle])
    expect(existsSync(join(bundle, 'inputs/hooks/even.ts'))).toBe(true)
    expect(await onlyIfAllowed(['verify', bundle])).toMatch(/^Equal: /)
    writeFileSync(join(bundle, 'inputs/hooks/even.ts'), 'export {}\n')
    const { exitCode, stdout } = await runCli(['verify', bundle, '--allow-hooks'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('inputs/hooks/even.ts')
  }, 240_000)

  it('is kept and checked', async () => {
    const file = scenario('kept', [hook])
    const config = join(folder, 'check.yaml')
    writeFileSync(config, 'version: 1\nbaselines: kept\nscenarios: []\n')
    const check = ['check', file, '--config', config]
    expect((await runCli([...check, '--update', '--allow-hooks'])).exitCode).toBe(0)
    await onlyIfAllowed(check)
  }, 240_000)

  it('makes a snapshot', async () => {
    const { chain } = await smallChain()
    const node = await openFakeNode(chain)
    try {
      const fork = { version: 1, rpc: node.ws, block: chain.header.number }
      writeFileSync(join(folder, 'scenarios/chain.fork.yaml'), stringify(fork))
      const file = scenario('forked', [hook], { fork: 'chain.fork.yaml', runtime: 'on-chain' })
      const target = join(folder, 'even.snapshot')
      await onlyIfAllowed(['snapshot', 'create', file, target])
      const offline = ['run', file, '--snapshot', target, '--allow-hooks', '--json']
      expect(errorOf((await runCli(offline)).stderr)).toBeUndefined()
    } finally {
      await node.close()
    }
  }, 240_000)

  it('is not served, but for its baseline', async () => {
    const { exitCode, stderr } = await runCli(['serve', scenario('served', [hook]), '--port', '0'])
    expect([exitCode, errorOf(stderr)]).toEqual([
      2,
      'error E351: A candidate with the hook hooks/even.ts cannot be served.',
    ])
    expect(stderr).toContain('--arm baseline')
  }, 120_000)
})

it('a bundle of a run with --runtime is verified without the blob that it named', async () => {
  const [bundle, blob] = [join(folder, 'next'), join(folder, 'elsewhere/next.wasm')]
  const run = await runCli(['run', scenario('runtime', [cap]), '--runtime', blob, '--out', bundle])
  expect([run.exitCode, errorOf(run.stderr)]).toEqual([0, undefined])
  rmSync(blob)
  const { exitCode, stdout } = await runCli(['verify', bundle])
  expect(stdout).toMatch(/^Equal: /)
  expect(exitCode).toBe(0)
}, 240_000)
