import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { belowPrefix } from '../harness/fork/keyPrefix.js'
import { readSnapshot } from '../harness/fork/snapshot/readSnapshot.js'
import { writeSnapshot } from '../harness/fork/snapshot/writeSnapshot.js'
import { createStorageCodec } from '../harness/fork/storageCodec.js'
import { type FakeNode, openFakeNode } from './fakeNode.js'
import { runCli } from './runCli.js'
import { runForResult } from './runResult.js'
import { serveArm } from './servedArm.js'
import { smallChain } from './smallChain.js'

// A run on a chain that a node serves, over the command line: both arms, 3 epochs of 2 subnets.

let folder: string
let scenario: string
let node: FakeNode
let chain: Awaited<ReturnType<typeof smallChain>>['chain']
let codec: Awaited<ReturnType<typeof smallChain>>['codec']

beforeAll(async () => {
  ;({ chain, codec } = await smallChain())
  node = await openFakeNode(chain)
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
  scenario = join(folder, 'cap.yaml')
  writeFileSync(join(folder, 'chain.fork.yaml'), `version: 1\nrpc: ${node.ws}\nblock: ${chain.header.number}\n`)
  writeFileSync(
    scenario,
    `version: 1
name: cap
title: A cap on a forked chain
fork: chain.fork.yaml
runtime: on-chain
subnets: [1, 2]
replay: { epochs: 3, mode: jump }
patches:
  - { kind: policy, policy: stake-cap, percentile: 88, scope: permitted }
`,
  )
}, 300_000)

afterAll(async () => {
  await node.close()
  rmSync(folder, { recursive: true })
})

const env = (cache = 'cache') => ({ env: { EPOCHDIFF_CACHE: join(folder, cache) } })
const run = (args: readonly string[], cache = 'cache') => runForResult([scenario, ...args], env(cache))

describe('a run over ws', () => {
  let live: Awaited<ReturnType<typeof run>>
  const snapshot = () => join(folder, 'small.snapshot')

  it('measures the proposal on the chain’s own runtime and says whom it believes', async () => {
    live = await run([])
    expect(live.result.epochs).toHaveLength(6)
    expect(live.result.fork).toMatchObject({
      source: { kind: 'chain', name: 'Small' },
      trust: `state trusted from ${node.ws}`,
      block: { number: chain.header.number },
    })
    expect(live.result.rewards.isEmpty).toBe(false)
    expect(node.messages.length).toBeLessThanOrEqual(80)
  })

  it('equals the same run from a snapshot, byte for byte, and the snapshot says what it holds', async () => {
    const created = await runCli(['snapshot', 'create', scenario, snapshot()], env())
    expect([created.exitCode, created.stderr.match(/^error.*/m)?.[0]]).toEqual([0, undefined])
    expect(created.stdout).toContain(`state trusted from ${node.ws}`)
    const before = node.messages.length
    const offline = await run(['--snapshot', snapshot()], 'unused')
    expect(offline.textWithoutTiming).toBe(live.textWithoutTiming)
    expect(node.messages).toHaveLength(before)
    expect(existsSync(join(folder, 'unused'))).toBe(false)
    const info = JSON.parse((await runCli(['snapshot', 'info', snapshot(), '--json'])).stdout) as {
      complete: string[]
      entriesByItem: Record<string, number>
    }
    expect(info.complete).toEqual(expect.arrayContaining(['SubtensorModule.Keys', 'SubtensorModule.AlphaV2']))
    expect(info.entriesByItem).toMatchObject({ 'System.Number': 1, 'SubtensorModule.NetworksAdded': 4 })
    expect((await runCli(['snapshot', 'verify', snapshot()])).stdout).toContain('is whole')
  })

  it('equals the same run from a snapshot that was made of its subnets, without the proposal', async () => {
    const bare = join(folder, 'bare.snapshot')
    const block = String(chain.header.number)
    const args = ['--rpc', node.ws, '--block', block, '--netuid', '1,2', '--epochs', '3', '-o', bare]
    const created = await runCli(['snapshot', 'create', ...args], env())
    expect([created.exitCode, created.stderr.match(/^error.*/m)?.[0]]).toEqual([0, undefined])
    expect((await run(['--snapshot', bare], 'unused')).textWithoutTiming).toBe(live.textWithoutTiming)
    const usage = async (...wrong: string[]) => {
      const { exitCode, stderr } = await runCli(['snapshot', 'create', ...wrong], env())
      return `${exitCode} ${/^error.*/m.exec(stderr)?.[0] ?? ''}`
    }
    expect(await usage('--rpc', node.ws, '--netuid', '1,x', '-o', bare)).toMatch(/^2 error E100: --netuid takes/)
    expect(await usage('--rpc', node.ws, '--netuid', '1', scenario, bare)).toMatch(/^2 error E100: --netuid stands/)
    expect(await usage('--netuid', '1', '-o', bare)).toMatch(/^2 error E100: A snapshot is made of a chain/)
  })

  it('is verified offline by the state that its bundle holds; without it, over a node if that is allowed', async () => {
    const [held, read, left] = ['held', 'read', 'left'].map((name) => join(folder, name)) as [string, string, string]
    const named = join(folder, 'renamed.snapshot')
    copyFileSync(snapshot(), named)
    await run(['--epochs', '1', '--snapshot', named, '--out', held], 'unused')
    await run(['--epochs', '1', '--out', read])
    await run(['--epochs', '1', '--out', left, '--no-hold-state'])
    rmSync(named)
    const before = node.messages.length
    for (const bundle of [held, read]) {
      const offline = await runCli(['verify', bundle], env('unused'))
      expect([offline.exitCode, offline.stdout.slice(0, 6)]).toEqual([0, 'Equal:'])
    }
    const refused = await runCli(['verify', left], env('unused'))
    expect([refused.exitCode, refused.stderr.includes(`E725: The bundle's fork is read from ${node.ws}`)]).toEqual([
      2,
      true,
    ])
    expect(node.messages).toHaveLength(before)
    expect((await runCli(['verify', left, '--online'], env())).exitCode).toBe(0)
    expect(readFileSync(join(read, 'report.txt'), 'utf8')).toContain(
      `--rpc ${node.ws} --block ${live.result.fork.block.hash}`,
    )
    // The state counts as one of the inputs.
    const state = readFileSync(join(read, 'fork.snapshot'))
    writeFileSync(join(read, 'fork.snapshot'), state.subarray(0, state.length - 1))
    const altered = await runCli(['verify', read], env('unused'))
    expect([altered.exitCode, altered.stdout.includes('its inputs are not those of the bundle')]).toEqual([1, true])
  })

  it('refuses with E231 what a snapshot does not hold, by name', async () => {
    const { manifest, metadata, storage } = await readSnapshot(snapshot())
    const codec = createStorageCodec(metadata)
    const left = codec.prefix('SubtensorModule', 'TotalHotkeyAlpha')
    const known = {
      storage: new Map([...storage].filter(([key]) => !key.startsWith(left))),
      absent: manifest.absent,
      ranges: codec
        .items()
        .map((path) => path.split('.') as [string, string])
        .filter(([, item]) => item !== 'TotalHotkeyAlpha')
        .map((path) => belowPrefix(codec.prefix(...path))),
    }
    const { chain, genesisHash, block, header, trust } = manifest
    const fork = { block: { chain, genesisHash, hash: block.hash, header }, trust: () => trust, known: () => known }
    const partial = join(folder, 'partial.snapshot')
    await writeSnapshot(partial, fork, metadata)
    const outcome = await runCli(['run', scenario, '--snapshot', partial])
    expect([outcome.exitCode, /^error \w+/m.exec(outcome.stderr)?.[0]]).toEqual([2, 'error E231'])
    expect(outcome.stderr).toContain('SubtensorModule.TotalHotkeyAlpha')
  })

  it('is served from the snapshot, too', async () => {
    const before = node.messages.length
    const served = await serveArm([scenario, '--snapshot', snapshot()])
    const ask = async (method: string) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] })
      const answer = await fetch(served.url.replace('ws', 'http'), { method: 'POST', body })
      return (await answer.json()) as unknown
    }
    expect(await ask('chain_getHeader')).toMatchObject({ result: { parentHash: chain.header.parentHash } })
    // The root of what the block changed reads where pallets' keys part: that nothing is there is in the snapshot.
    expect(await ask('dev_newBlock')).toMatchObject({ result: expect.stringMatching(/^0x/) })
    expect(await served.end()).toBe(0)
    expect(node.messages).toHaveLength(before)
  })

  it('takes a whole from the cache without asking for values again; the cache is listed and cleared', async () => {
    const before = node.messages.length
    expect((await run([])).textWithoutTiming).toBe(live.textWithoutTiming)
    expect(
      node.messages
        .slice(before)
        .flat()
        .filter((method) => method.startsWith('state_')),
    ).toEqual([])
    const info = await runCli(['cache', 'info'], env())
    expect(info.stdout).toContain('1 block')
    await runCli(['cache', 'clear'], env())
    expect((await runCli(['cache', 'info'], env())).stdout).toContain('0 blocks')
  })
})

it('refuses a state whose rules nobody knows, and subnets that are not there, before it is fetched', async () => {
  const path = ['System', 'LastRuntimeUpgrade'] as const
  const upgrade = codec.encode(...path, { spec_version: 300, spec_name: 'node-subtensor' })
  const older = await openFakeNode({ ...chain, storage: new Map(chain.storage).set(codec.key(...path), upgrade) })
  try {
    const { exitCode, stderr } = await runCli(['run', scenario, '--rpc', older.ws, '--no-cache'], env())
    expect([exitCode, /^error \w+/m.exec(stderr)?.[0]]).toEqual([2, 'error E529'])
    expect(older.messages.flat()).not.toContain('state_getKeysPaged')
    const args = ['--rpc', node.ws, '--no-cache', '--netuid', '1,77', '-o', join(folder, 'none.snapshot')]
    const none = await runCli(['snapshot', 'create', ...args], env())
    expect(`${none.exitCode} ${none.stderr}`).toMatch(/^2 Reading[^\n]*\nerror E502: Subnet 77/)
  } finally {
    await older.close()
  }
})

describe('a kill', () => {
  it('while a snapshot is made leaves no file that is read as one, and the next run goes on', async () => {
    const target = join(folder, 'killed.snapshot')
    node.latencyMs = 40
    try {
      for (const delayMs of [1_500, 3_500]) {
        const root = fileURLToPath(new URL('..', import.meta.url))
        const child = spawn(process.execPath, ['dist/cli/main.js', 'snapshot', 'create', scenario, target], {
          cwd: root,
          env: { ...process.env, EPOCHDIFF_CACHE: join(folder, 'killed') },
          stdio: 'ignore',
        })
        const ended = new Promise((resolve) => child.once('exit', resolve))
        setTimeout(() => child.kill('SIGKILL'), delayMs)
        await ended
        if (existsSync(target)) expect((await runCli(['snapshot', 'verify', target])).exitCode).toBe(0)
        // What it kept of the state is a part of the truth, never something else.
        const { stdout } = await runCli(['cache', 'info', '--json'], env('killed'))
        expect((JSON.parse(stdout) as { forks: unknown[] }).forks.length).toBeLessThanOrEqual(1)
      }
    } finally {
      node.latencyMs = 0
    }
    rmSync(target, { force: true })
    const resumed = await run([], 'killed')
    const fresh = await run([], 'fresh')
    expect(resumed.textWithoutTiming).toBe(fresh.textWithoutTiming)
    expect(readdirSync(folder).filter((name) => name === 'killed.snapshot')).toEqual([])
  })
})
