import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import type { Engine, StorageDiff } from '../harness/engine/engine.js'
import { describeHook } from '../harness/engine/describeHook.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { Hex } from '../harness/fork/forkState.js'
import { forkSmall, SMALL_NETUIDS } from '../harness/fork/small.js'
import { createStorageCodec, type StorageCodec } from '../harness/fork/storageCodec.js'
import { replayEpochs } from '../harness/replay/replayEpochs.js'
import { compileHook, readHookFile } from '../harness/runtime/hookFile.js'
import type { HookDefinition, HookProgram } from '../harness/runtime/hookPatch.js'
import type { HookParam } from '../harness/runtime/hookPolicy.js'
import { checkPolicyParams, isNeutral, policyDefinitions } from '../harness/runtime/policies.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { weave } from '../harness/runtime/weave.js'
import { expandRuntime } from '../harness/runtime/runtimeBlob.js'

// The same policy woven in, and as a TypeScript hook, on made-up chains of several seeds: in every epoch's block they change
// the same storage to the same bytes.

const epochs = 1
const seeds = [1, 2]

/** Each policy at several parameters. */
const cases: readonly (readonly [policy: string, params: Readonly<Record<string, string | number>>])[] = [
  ['stake-cap', { percentile: 88 }],
  ['stake-cap', { percentile: 61.7, scope: 'all' }],
  ['stake-power', { theta: 0.5 }],
  ['stake-power', { theta: 0.123456789 }],
  ['performance-weighted', { lambda: 0.5 }],
  ['performance-weighted', { lambda: 1, pool: 'validator' }],
  ['composite', {}],
  ['composite', { a: 0.3, b: 1.7, aMiner: 0.2, mix: 0.6, pool: 'both' }],
  ['composite', { a: 2, b: 0, mix: 0.999999999, pool: 'miner' }],
  ['trust-bonus', { beta: 1 }],
  ['trust-bonus', { beta: 9.87654321, pool: 'miner' }],
  ['aiarena', { pool: 'miner' }],
  ['aiarena', { pool: 'validator' }],
  ['aiarena', { decay: 0.93, mix: 0.4, pool: 'miner' }],
  ['aiarena', { alpha: 0.7, mix: 0.4, pool: 'validator' }],
]

let engine: Engine
let codec: StorageCodec
let metadata: Hex
let program: HookProgram
let definition: HookDefinition
const wasm = expandRuntime(loadPrebuilt('epochdiff_runtime').wasm)

beforeAll(async () => {
  engine = await openEngine('native')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map(), remote: undefined })
  metadata = (await arm.call('Metadata_metadata', '0x')).result
  await arm.close()
  codec = createStorageCodec(metadata)
  const file = fileURLToPath(new URL('twinPolicies.ts', import.meta.url))
  program = await readHookFile(file, 'twinPolicies.ts')
  definition = await describeHook(program)
})
afterAll(() => engine.close())

/** What the blocks of the first epochs change. */
async function changes(
  seed: number,
  code: Uint8Array,
  hooks?: Readonly<Record<string, HookParam>>,
  file = program,
): Promise<StorageDiff[]> {
  const { fork, feed } = forkSmall({ seed, codec, wasm })
  const arm = await engine.openArm({
    ...fork,
    name: 'arm',
    wasm: code,
    hooks: hooks && { programs: [{ program: file, params: hooks }], metadata },
  })
  const plan = { codec, head: fork.header, netuids: SMALL_NETUIDS, epochs, mode: 'jump', feed } as const
  const diffs: StorageDiff[] = []
  for await (const { storageDiff } of replayEpochs(arm, plan)) diffs.push(storageDiff)
  await arm.close()
  return diffs
}

describe('rows that a hook must not return', () => {
  it.each([
    ['dropped', 'rows.slice(1)', /E348: .* it has \d+ rows for \d+ uids/],
    ['repeated', '[rows[0], ...rows.slice(0, -1)]', /E348: .* uid 0 stands twice/],
    ['of nobody', '[{ ...rows[0], uid: 99 }, ...rows.slice(1)]', /E348: .* there is no uid 99/],
    [
      'negative',
      'rows.map((row) => ({ ...row, serverRao: row.serverRao - 1n }))',
      /E348: .* serverRao of uid \d+ is -1/,
    ],
    [
      'too large',
      'rows.map((row) => ({ ...row, validatorRao: 1n << 64n }))',
      /E348: .* validatorRao of uid 0 is 18446744073709551616/,
    ],
    [
      'of numbers',
      'rows.map((row) => ({ ...row, validatorRao: 5 }))',
      /E348: .* validatorRao of uid 0 is number, not a bigint/,
    ],
    [
      'in the other pool',
      'rows.map((row) => ({ ...row, serverRao: 0n, validatorRao: row.validatorRao + row.serverRao }))',
      /E349: .* miners' pool and returned 0 in epochRewards/,
    ],
  ])('%s', async (_, returned, says) => {
    const text = `require('epochdiff').definePolicy({ name: 'bad', epochRewards: (ctx, rows) => ${returned} })`
    const bad = await compileHook(text, 'bad.js', '')
    const code = weave(wasm, [{ kind: 'hook', definition: await describeHook(bad), number: 0, params: {} }]).wasm
    await expect(changes(1, code, {}, bad)).rejects.toThrow(says)
  })
})

const withHook = () => weave(wasm, [{ kind: 'hook', definition, number: 0, params: {} }]).wasm

it('has a twin of every policy, but for what moves between the pools, which a hook cannot', () => {
  const inPools = policyDefinitions.filter((policy) => policy.export !== undefined).map(({ name }) => name)
  expect([...new Set(cases.map(([policy]) => policy))].sort()).toEqual(inPools.sort())
})

describe.each(seeds)('on the made-up chain of seed %d', (seed) => {
  let unwoven: StorageDiff[]
  beforeAll(async () => {
    unwoven = await changes(seed, wasm)
    expect(unwoven).toHaveLength(SMALL_NETUIDS.length * epochs)
  })

  it('a hook that returns what it is given changes no byte', async () => {
    expect(await changes(seed, withHook(), { policy: 'none' })).toEqual(unwoven)
  })

  it.each(cases)('%s %j', async (policy, params) => {
    const patch: PolicyPatch = checkPolicyParams(policy, params)
    const [woven, hooked] = await Promise.all([
      changes(seed, weave(wasm, [patch]).wasm),
      changes(seed, withHook(), { policy, ...patch.params }),
    ])
    expect(hooked).toEqual(woven)
    expect(woven).not.toEqual(unwoven)
    expect(isNeutral(patch)).toBe(false)
  })
})
