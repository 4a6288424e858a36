import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
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
