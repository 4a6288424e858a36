import { afterAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RuntimeInspection } from '../harness/runtime/inspectRuntime.js'
import { checkPolicyParams } from '../harness/runtime/policies.js'
import { sha256 } from '../harness/runtime/prebuilt.js'
import { expandRuntime } from '../harness/runtime/runtimeBlob.js'
import { weave } from '../harness/runtime/weave.js'
import { openFakeNode } from './fakeNode.js'
import { runCli } from './runCli.js'
import { smallChain } from './smallChain.js'

const prebuilt = (name: string) => fileURLToPath(new URL(`../runtime-patches/prebuilt/${name}.wasm`, import.meta.url))
const reference = prebuilt('epochdiff_runtime')
const twin = prebuilt('epochdiff_runtime_terms')
const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function inspect(file: string): Promise<RuntimeInspection> {
  const { exitCode, stdout, stderr } = await runCli(['runtime', 'inspect', file, '--json'])
  if (exitCode !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as RuntimeInspection
}

describe('epochdiff runtime', () => {
  it('inspects a runtime: what it is, needs and takes', async () => {
    const [ours, theirs] = [await inspect(reference), await inspect(twin)]
    expect(ours).toMatchObject({
      specName: 'node-subtensor',
      implName: 'epochdiff-reference',
      specVersion: 425,
      compressed: false,
      wasmSha256: sha256(readFileSync(reference)),
      woven: null,
    })
    expect(ours.hostFunctions.every(({ inEngine }) => inEngine)).toBe(true)
    expect(ours.policies.every(({ possible }) => possible)).toBe(true)
    const places = ({ hooks }: RuntimeInspection) =>
      hooks.map(({ place }) => [place?.functionName, place?.layout, place?.callers.map(({ name }) => name)])
    expect(places(ours)).toEqual([
      ['get_stake_weights_for_network', 'vectors', ['epoch']],
      ['epoch', 'rows', ['distribute_emission']],
    ])
    expect(places(theirs)).toEqual([
      ['inplace_normalize_64', 'slice', ['epoch_mechanism']],
      ['epoch_mechanism', 'terms', ['distribute_emission']],
    ])
  }, 120_000)

  it.each(['ws', 'http'] as const)(
    'inspects the runtime that a chain runs, over %s',
    async (transport) => {
      const { chain } = await smallChain()
      const node = await openFakeNode(chain)
      try {
        const fromFile = await inspect(reference)
        const address = `${node[transport]}/?key=secret`
        const { wasmSha256, hooks, policies } = await inspect(node[transport])
        expect({ wasmSha256, hooks, policies }).toEqual({
          wasmSha256: fromFile.wasmSha256,
          hooks: fromFile.hooks,
          policies: fromFile.policies,
        })
        const { exitCode, stdout } = await runCli(['runtime', 'inspect', address])
        expect(exitCode).toBe(0)
        expect(stdout).toContain(`${node[transport]}, Small at block ${chain.header.number}`)
        expect(stdout).not.toContain('secret')
      } finally {
        await node.close()
      }
    },
    120_000,
  )

  it('says that no node answers, and which', async () => {
    const node = await openFakeNode((await smallChain()).chain)
    await node.close()
    const { exitCode, stderr } = await runCli(['runtime', 'inspect', node.ws])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('E221')
    expect(stderr).toContain(node.ws)
  }, 120_000)

  it('weaves policies in the order stated into a compressed blob that says so', async () => {
    const out = join(folder, 'woven.wasm')
    const policies = ['--policy', 'stake-cap', '--policy', 'role-split']
    const settings = ['stake-cap.percentile=70', 'role-split.miner=0.6', 'role-split.validator=0.4']
    const set = settings.flatMap((setting) => ['--set', setting])
    const { exitCode, stderr } = await runCli(['runtime', 'weave', reference, ...policies, ...set, '-o', out])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const patches = [
      checkPolicyParams('stake-cap', { percentile: 70 }),
      checkPolicyParams('role-split', { miner: 0.6, validator: 0.4 }),
    ]
    const { wasm } = weave(readFileSync(reference), patches)
    expect(sha256(expandRuntime(readFileSync(out)))).toBe(sha256(wasm))
    expect(readdirSync(folder)).toEqual(['woven.wasm'])
    const found = await inspect(out)
    expect(found).toMatchObject({
      compressed: true,
      blobBytes: readFileSync(out).length,
      wasmSha256: sha256(wasm),
      woven: { callSites: 'all', patches: patches.map(({ policy, params }) => ({ policy, params })) },
    })
    expect(found.blobBytes).toBeLessThan(found.wasmBytes / 2)
    expect(found.policies.some(({ possible }) => possible)).toBe(false)
  }, 120_000)

  it('refuses in a line what it cannot do, and writes nothing', async () => {
    const out = join(folder, 'none.wasm')
    const weaveInto = async (...args: string[]) => {
      const { exitCode, stderr } = await runCli(['runtime', 'weave', reference, ...args, '-o', out])
      return `${exitCode} ${stderr.split('\n')[0]}`
    }
    expect(await weaveInto('--policy', 'stake-cap', '--set', 'percentile=101')).toMatch(/^2 error E123/)
    expect(await weaveInto('--policy', 'stake-cap', '--set', 'trust-bonus.beta=1')).toMatch(/^2 .*--set trust-bonus/)
    expect(await weaveInto('--policy', 'role-split', '--set', 'miner=0.7')).toMatch(/^2 error E124/)
    const noWasm = join(folder, 'text')
    writeFileSync(noWasm, 'no runtime')
    const { exitCode, stderr } = await runCli(['runtime', 'inspect', noWasm])
    expect(`${exitCode} ${stderr}`).toMatch(/^2 error E302/)
    expect(readdirSync(folder).sort()).toEqual(['text', 'woven.wasm'])
  }, 120_000)
})
