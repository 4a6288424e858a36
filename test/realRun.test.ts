import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Engine } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { raiseSpecVersion } from '../harness/runtime/raiseSpecVersion.js'
import { realRuntime } from './olderLayout.js'
import { runForResult } from './runResult.js'
import { writeChainSpec } from './writeChainSpec.js'

const EPOCHS = 3
const NETUIDS = [1, 2]

const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
let engine: Engine
beforeAll(async () => {
  engine = await openEngine('native')
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

/** Writes a stake-cap scenario on a chain spec of this runtime.
 *  @param upgradedTo spec of the state's last runtime upgrade; the runtime's own when left out
 *  @param runtime that runs it */
async function scenario(
  name: string,
  wasm: Uint8Array,
  mode: string,
  { upgradedTo, runtime = 'on-chain' }: { upgradedTo?: number; runtime?: string } = {},
): Promise<string> {
  const fork = await writeChainSpec(engine, wasm, folder, name, upgradedTo)
  const replay = `replay:\n  epochs: ${EPOCHS}\n  mode: ${mode}\n`
  const patches = 'patches:\n  - kind: policy\n    policy: stake-cap\n    percentile: 88\n'
  const head = `version: 1\nname: ${name}\ntitle: A stake cap on a real layout\nfork: ${fork}\n`
  const file = join(folder, `${name}-${mode}.yaml`)
  writeFileSync(file, `${head}runtime: ${runtime}\nsubnets: [${NETUIDS.join(', ')}]\n${replay}${patches}`)
  return file
}

const runtimes = [
  { name: 'reference', spec: 425, wasm: loadPrebuilt('epochdiff_runtime').wasm, completes: false },
  ...[293, 300].map((spec) => ({ name: `spec-${spec}`, spec, wasm: realRuntime(spec), completes: true })),
]

describe.each(runtimes)('a stake cap on $name, from a chain spec', ({ name, spec, wasm, completes }) => {
  const itHere = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  itHere.each(['blocks', 'jump'] as const)(`runs ${EPOCHS} epochs of 2 subnets in %s${why}`, async (mode) => {
    if (wasm === undefined) return
    const { result } = await runForResult([await scenario(name, wasm, mode)])
    const conserved = result.checks.filter((check) => check.name.startsWith('conservation'))
    expect(conserved).toHaveLength(4)
    // Alpha that is recycled before the epoch has no owner and is stated as such.
    expect(conserved.every(({ level }) => level === 'pass' || level === 'info')).toBe(true)
    expect(result.rewards.isEmpty).toBe(false)
    expect(result.runtimes.baseline.specVersion).toBe(spec)
    expect(result.fork.source.kind).toBe('chain-spec')
    const mocks = result.mocks.join('\n')
    expect(mocks).toMatch(completes ? /Blocks hold the inherents .*\n/ : /Blocks are opened/)
    expect(/were credited by the runtime's own/.test(mocks)).toBe(mode === 'jump')
    const paid = new Set(result.rewards.roles.map(({ role }) => role))
    expect([...paid].sort()).toEqual(['burned', 'miner', 'nominator', 'owner', 'root', 'validator'])
  })
})

describe('a state of an older spec on the reference runtime', () => {
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const on = (upgradedTo: number) => scenario(`older-${upgradedTo}`, wasm, 'jump', { upgradedTo, runtime: 'reference' })

  it('runs by the rules of that spec, in both arms, and the report says so', async () => {
    const { result } = await runForResult([await on(402)])
    expect(result.mocks.join('\n')).toContain('by the rules of its spec, 402 (SubtensorModule.RulesOfSpec). Pools')
    // By the block's number, tempos 20 and 24; by those of spec 425 the second epochs would be a block earlier.
    expect(result.epochs.map(({ netuid, block }) => [netuid, block])).toEqual([
      [1, 100_020],
      [2, 100_021],
      [1, 100_041],
      [2, 100_046],
      [1, 100_062],
      [2, 100_071],
    ])
    expect(result.rewards.isEmpty).toBe(false)
    expect(result.checks.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('is refused when the reference does not know them', async () => {
    await expect(runForResult([await on(300)])).rejects.toThrow(/E529/)
  })
})

describe('a call after an upgrade of spec 293', () => {
  const wasm = realRuntime(293)
  const itHere = wasm === undefined ? it.skip : it
  const why =
    wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime; test/patches.test.ts has a twin)' : ''

  itHere(
    `counts from the epochs after its first block on, in both engines${why}`,
    async () => {
      if (wasm === undefined) return
      const fork = await writeChainSpec(engine, wasm, folder, 'upgraded')
      writeFileSync(join(folder, 'next.wasm'), raiseSpecVersion(wasm, 294))
      const kappa = 43_690
      const code = { kind: 'code', wasm: 'next.wasm' }
      const call = (netuid: number) => ({ kind: 'call', call: 'AdminUtils.sudo_set_kappa', args: { netuid, kappa } })
      const write = { kind: 'storage', set: { 'SubtensorModule.Kappa(1)': kappa } }
      const run = async (title: string, patches: readonly object[], ...args: string[]) => {
        const file = join(folder, `${title}.yaml`)
        const rest = { runtime: 'on-chain', subnets: [3, 1], replay: { epochs: 1, mode: 'jump' } }
        writeFileSync(file, stringify({ version: 1, name: title, title, fork, ...rest, patches: [code, ...patches] }))
        return (await runForResult([file, ...args])).result
      }
      const called = await run('called', [call(3), call(1)], '--cross-check', '1')
      const written = await run('written', [write])
      const [first, second] = [3, 1].map((netuid) => called.epochs.find((epoch) => epoch.netuid === netuid))
      expect([first?.block, second?.block]).toEqual([100_001, 100_020])
      expect(first?.candidate).toEqual(first?.baseline)
      expect(second?.candidate).not.toEqual(second?.baseline)
      expect(called.epochs).toEqual(written.epochs)
      expect(called.rewards).toEqual(written.rewards)
      expect(called.checks).toContainEqual(expect.objectContaining({ name: 'engines agree', level: 'pass' }))
      expect(called.patches.slice(1).map((patch) => patch.kind === 'call' && patch.afterBlock)).toEqual([
        100_001, 100_001,
      ])
      // Which kappa the epoch in the first block met is not claimed.
      const why = (netuid: number) => called.checks.find(({ name }) => name === `consensus (subnet ${netuid})`)?.why
      expect([why(3), why(1)]).toEqual([
        expect.stringMatching(/needs kappa of it/),
        expect.stringMatching(/kappa, 66.7 %/),
      ])
    },
    240_000,
  )
})
