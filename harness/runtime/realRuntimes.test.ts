import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { checkPolicyParams, policyDefinition, policyDefinitions } from './policies.js'
import { loadPrebuilt } from './prebuilt.js'
import { expandRuntime } from './runtimeBlob.js'
import { parseWasm, sectionIds, writeWasm } from './wasmModule.js'
import { weave } from './weave.js'

const stakeCap = checkPolicyParams('stake-cap', { percentile: 88 })
/** Of the two that move rao between the pools, which exclude each other (E321), the one that also acts inside them. */
const every = policyDefinitions
  .map(({ name }) => checkPolicyParams(name, {}))
  .filter(({ policy }) => policy !== 'role-split')
const hooks = every.map(({ policy }) => policyDefinition(policy).hook)

function hasReferenceRuntime(): boolean {
  try {
    loadPrebuilt('epochdiff_runtime')
    return true
  } catch {
    return false
  }
}

const reference = hasReferenceRuntime() ? it : it.skip
reference(`the reference runtime takes every policy${hasReferenceRuntime() ? '' : ' (skipped: no runtime)'}`, () => {
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const { manifest } = weave(wasm, every)
  expect(manifest.patches.map(({ hook }) => hook)).toEqual(hooks)
})

/** Runtimes of the chain, compressed or not, that EPOCHDIFF_RUNTIMES holds as spec<version>.wasm. What is known of them: */
const known: Readonly<Record<string, { stakeWeightsCallers: Record<string, number>; hasEpoch: boolean }>> = {
  'spec218.wasm': {
    stakeWeightsCallers: { run_coinbase: 1, SubnetInfoRuntimeApi_get_subnet_state: 1 },
    hasEpoch: false,
  },
  'spec293.wasm': {
    stakeWeightsCallers: { epoch: 1, get_subnet_state: 1, get_metagraph: 1, get_single_selective_metagraph: 3 },
    hasEpoch: true,
  },
  'spec300.wasm': {
    stakeWeightsCallers: { epoch: 1, get_subnet_state: 1, get_metagraph: 1, get_single_selective_metagraph: 3 },
    hasEpoch: true,
  },
}

const folder = process.env['EPOCHDIFF_RUNTIMES'] ?? ''
const present = folder !== '' && existsSync(folder) ? readdirSync(folder) : []
for (const [file, { stakeWeightsCallers, hasEpoch }] of Object.entries(known)) {
  const here = present.includes(file)
  const describeHere = here ? describe : describe.skip
  describeHere(`${file}${here ? '' : ' (skipped: no runtime)'}`, () => {
    const read = () => expandRuntime(readFileSync(join(folder, file)))

    it('is read to the last instruction and written back byte for byte', () => {
      const wasm = read()
      expect(Buffer.compare(writeWasm(parseWasm(wasm, file).sections), wasm)).toBe(0)
    })

    it('takes a policy at stake_weights', () => {
      const { manifest } = weave(read(), [stakeCap])
      expect(manifest.patches[0]?.layout).toBe('vectors')
      const callers = manifest.patches[0]?.callers ?? []
      expect(Object.fromEntries(callers.map(({ name, sites }) => [name, sites]))).toEqual(stakeWeightsCallers)
      expect(manifest.bytesAdded).toBeLessThan(10_000)
    })

    it('takes them at the same functions without names', () => {
      const wasm = read()
      const stripped = writeWasm(parseWasm(wasm, file).sections.filter(({ id }) => id !== sectionIds.custom))
      const patches = hasEpoch ? every : [stakeCap]
      const places = (blob: Uint8Array) =>
        weave(blob, patches).manifest.patches.map(({ functionIndex, originalIndex }) => [functionIndex, originalIndex])
      expect(places(stripped)).toEqual(places(wasm))
    })

    it(hasEpoch ? 'takes every policy' : 'has no place for epoch_rewards', () => {
      const all = () => weave(read(), every)
      if (!hasEpoch) {
        expect(all).toThrow(/E301.*"epoch_rewards"/)
        return
      }
      const { patches } = all().manifest
      expect(patches.at(-1)).toMatchObject({
        layout: 'rows',
        payout: expect.stringContaining('drain_pending_emission'),
      })
      expect(patches.map(({ hook }) => hook)).toEqual(hooks)
      expect(patches.at(-1)?.callers).toEqual([{ name: 'drain_pending_emission', sites: 1 }])
    })
  })
}
