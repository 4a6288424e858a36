import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../harness/engine/openEngine.js'
import { forkSmall } from '../harness/fork/small.js'
import { createStorageCodec } from '../harness/fork/storageCodec.js'
import { CODE_KEY } from '../harness/fork/storageParts.js'
import { loadScenario } from '../harness/scenario/loadScenario.js'
import { openFork } from '../harness/scenario/openFork.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { runCli } from './runCli.js'
import { runForResult } from './runResult.js'

const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: unknown): string => {
  const file = join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/** A scenario on a fork file of these lines. */
function scenario(name: string, fork: string, runtime: string, subnets = '[1, 2, 3]'): string {
  write(`${name}.fork.yaml`, `version: 1\n${fork}\n`)
  const patches = 'patches:\n  - kind: policy\n    policy: stake-cap\n    percentile: 88\n'
  const head = `version: 1\nname: chain-spec\ntitle: A stake cap\nfork: ${name}.fork.yaml\nruntime: ${runtime}\n`
  return write(`${name}.yaml`, `${head}subnets: ${subnets}\nreplay: { epochs: 1, mode: blocks }\n${patches}`)
}

const { wasm } = loadPrebuilt('epochdiff_runtime')
let top: Record<string, string>
beforeAll(async () => {
  const engine = await openEngine('native')
  try {
    const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
    const codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
    top = Object.fromEntries(forkSmall({ seed: 1, codec, wasm }).fork.storage)
  } finally {
    await engine.close()
  }
})

/** What a run measured, whatever its fork calls itself. */
async function measured(file: string) {
  const { result } = await runForResult([file])
  expect(result.checks.filter(({ level }) => level === 'error')).toEqual([])
  return { rewards: result.rewards, concentration: result.concentration, source: result.fork.source.kind }
}

describe('a run on a chain spec', () => {
  it('is the same whether its state is in a raw one or written over a plain one', async () => {
    write('raw.json', { name: 'Small', genesis: { raw: { top, childrenDefault: {} } } })
    const raw = await measured(scenario('raw', 'chainSpec: raw.json', 'on-chain'))
    expect(raw.source).toBe('chain-spec')
    expect(raw.rewards.isEmpty).toBe(false)
    expect(raw.rewards.roles.map(({ role }) => role)).toContain('root')

    const code = top[CODE_KEY]
    write('plain.json', { name: 'Small', genesis: { runtimeGenesis: { code, patch: { balances: { balances: [] } } } } })
    write('storage.json', { ...top, '0x01': null })
    const plain = await measured(scenario('plain', 'chainSpec: plain.json\nstorage: storage.json', 'on-chain'))
    expect(plain).toEqual(raw)
  })

  it('fails with the reason when the runtime refuses the configuration', async () => {
    const code = top[CODE_KEY]
    write('bad.json', { name: 'Small', genesis: { runtimeGenesis: { code, patch: { balances: { balances: 7 } } } } })
    const { exitCode, stderr } = await runCli(['run', scenario('bad', 'chainSpec: bad.json', 'on-chain')])
    expect(stderr).toMatch(/E522: .*GenesisBuilder_build_state/)
    expect(exitCode).toBe(2)
    write('none.json', { name: 'Small', genesis: { runtimeGenesis: { code, configPreset: 'nowhere' } } })
    const none = await runCli(['run', scenario('none', 'chainSpec: none.json', 'on-chain')])
    expect(none.stderr).toMatch(/E522: .*no such preset/)
  })
})

/** Specs of the chain itself that EPOCHDIFF_RUNTIMES holds. */
const REAL = [
  { file: 'aura-dev-293.json', spec: 293, atLeast: 100 },
  { file: 'raonet-218.json', spec: 218, atLeast: 300 },
]
const runtimes = process.env['EPOCHDIFF_RUNTIMES'] ?? ''
for (const { file, spec, atLeast } of REAL) {
  const here = runtimes !== '' && existsSync(join(runtimes, file))
  const itHere = here ? it : it.skip
  itHere(
    `${file} gives its genesis and its runtime${here ? '' : ' (skipped: EPOCHDIFF_RUNTIMES has no such file)'}`,
    async () => {
      symlinkSync(join(runtimes, file), join(folder, file))
      const loaded = await loadScenario(scenario(`real-${spec}`, `chainSpec: ${file}`, 'on-chain'))
      const engine = await openEngine('native')
      try {
        const { fork, version, codec } = await openFork(engine, loaded, {
          progress: { step: () => undefined },
          signal: new AbortController().signal,
          cache: undefined,
        })
        expect(version.specVersion).toBe(spec)
        expect(fork.header.number).toBe(0)
        expect(fork.storage.size).toBeGreaterThan(atLeast)
        const key = codec.key('Sudo', 'Key')
        expect(codec.decode('Sudo', 'Key', fork.storage.get(key) ?? null)).toMatch(/^5/)
      } finally {
        await engine.close()
      }
    },
  )
}
