import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import type { ArmSpec, Engine, EngineArm, StorageDiff } from '../harness/engine/engine.js'
import { describeHook } from '../harness/engine/describeHook.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { ForkState, Hex } from '../harness/fork/forkState.js'
import { forkSmall, SMALL_NETUIDS } from '../harness/fork/small.js'
import { createStorageCodec, type StorageCodec } from '../harness/fork/storageCodec.js'
import { replayEpochs, type ReplayPlan } from '../harness/replay/replayEpochs.js'
import { compileHook, readHookFile } from '../harness/runtime/hookFile.js'
import type { HookDefinition, HookProgram } from '../harness/runtime/hookPatch.js'
import type { HookParam } from '../harness/runtime/hookPolicy.js'
import { checkPolicyParams, isNeutral, policyDefinitions } from '../harness/runtime/policies.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { weave } from '../harness/runtime/weave.js'
import { expandRuntime } from '../harness/runtime/runtimeBlob.js'
import { openDirectArm } from './directArm.js'
import { olderChain, realRuntime } from './olderLayout.js'

// The same policy woven in, and as a TypeScript hook, on made-up chains of several seeds and on each layout of what the hooks
// get: in every epoch's block they change the same storage to the same bytes.

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
  ['aiarena', {}],
  ['aiarena', { gamma: 0.4, mix: 0.123456789 }],
  ['role-split', { miner: 0.6, validator: 0.4 }],
  ['role-split', { miner: 0.123456789, validator: 0.876543211 }],
]

/** A chain on which an arm can be opened, and its first epochs. */
interface Chain {
  readonly wasm: Uint8Array
  readonly codec: StorageCodec
  readonly metadata: Hex
  readonly fork: Pick<ForkState, 'storage'>
  readonly plan: ReplayPlan
}

const netuids = SMALL_NETUIDS
let engine: Engine
let program: HookProgram
let definition: HookDefinition
let small: Chain | undefined

beforeAll(async () => {
  engine = await openEngine('native')
  const file = fileURLToPath(new URL('twinPolicies.ts', import.meta.url))
  program = await readHookFile(file, 'twinPolicies.ts')
  definition = await describeHook(program)
})
afterAll(() => engine.close())

async function smallChain(wasm: Uint8Array, seed: number): Promise<Chain> {
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map(), remote: undefined })
  const metadata = (await arm.call('Metadata_metadata', '0x')).result
  await arm.close()
  const codec = createStorageCodec(metadata)
  const { fork, feed } = forkSmall({ seed, codec, wasm })
  return { wasm, codec, metadata, fork, plan: { codec, head: fork.header, netuids, epochs: 1, mode: 'jump', feed } }
}

async function realChain(wasm: Uint8Array): Promise<Chain> {
  const { codec, storage, head, metadata } = await olderChain(engine, wasm, 1)
  const plan = { codec, head, netuids, epochs: 1, mode: 'blocks', feed: { steps: [] } } as const
  return { wasm, codec, metadata, fork: { storage }, plan }
}

type Hooks = ArmSpec['hooks']

/** What the blocks of the first epochs change. */
async function changesIn(arm: EngineArm, plan: ReplayPlan): Promise<StorageDiff[]> {
  const diffs: StorageDiff[] = []
  try {
    for await (const { storageDiff } of replayEpochs(arm, plan)) diffs.push(storageDiff)
  } finally {
    await arm.close()
  }
  return diffs
}

async function changes({ fork, plan, codec }: Chain, wasm: Uint8Array, hooks?: Hooks): Promise<StorageDiff[]> {
  return changesIn(await openDirectArm({ wasm, storage: fork.storage, hooks }, codec), plan)
}

const twin = ({ metadata }: Chain, params: Readonly<Record<string, HookParam>>): Hooks => ({
  programs: [{ program, params }],
  metadata,
})

const reference = expandRuntime(loadPrebuilt('epochdiff_runtime').wasm)

describe('what a hook must not return', () => {
  it.each([
    ['rows dropped', 'rows.slice(1)', /E348: .* it has \d+ rows for \d+ uids/],
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
    await expect(changesBy(`epochRewards: (ctx, rows) => ${returned}`)).rejects.toThrow(says)
  })

  it.each([
    ['nothing', 'undefined', /E348: .* in rolePools at block \d+, subnet \d cannot be used: an object was expected/],
    ['numbers', '({ serverRao: 1, validatorRao: 2 })', /E348: .* serverRao is number, not a bigint/],
    ['rao of nobody', '({ ...pools, serverRao: -1n })', /E348: .* serverRao is -1/],
    [
      'more than there is',
      '({ ...pools, serverRao: pools.serverRao + 1n })',
      /E349: .* for the two pools and returned \d+ in rolePools/,
    ],
  ])('nor %s between the pools', async (_, returned, says) => {
    await expect(changesBy(`rolePools: (ctx, pools) => ${returned}`)).rejects.toThrow(says)
  })
})

/** A runtime with a hook of one member, on the small chain. */
async function withMember(member: string): Promise<{ chain: Chain; wasm: Uint8Array; hooks: Hooks }> {
  const file = compileHook(`require('epochdiff').definePolicy({ name: 'one', ${member} })`, 'one.js', '')
  const one: HookDefinition = { name: 'one', members: member.startsWith('role') ? ['rolePools'] : ['epochRewards'] }
  const { wasm } = weave(reference, [{ kind: 'hook', definition: one, number: 0, params: {} }])
  small ??= await smallChain(reference, 1)
  return { chain: small, wasm, hooks: { programs: [{ program: file, params: {} }], metadata: small.metadata } }
}

async function changesBy(member: string): Promise<StorageDiff[]> {
  const { chain, wasm, hooks } = await withMember(member)
  return changes(chain, wasm, hooks)
}

it('is ended by its process when it never ends, and the arm goes on where it stood', async () => {
  const limited = await openEngine('native', { hookTimeLimitMs: 400 })
  const { chain, wasm, hooks } = await withMember('epochRewards: () => { for (;;); }')
  const arm = await limited.openArm({ name: 'endless', wasm, storage: chain.fork.storage, hooks })
  const first = replayEpochs(arm, chain.plan)[Symbol.asyncIterator]().next()
  await expect(first).rejects.toThrow(
    /E346: The hook one\.js was ended in epochRewards at block \d{2,}, subnet [1-9]\d*: it took over 400 ms/,
  )
  expect(await arm.read([...chain.fork.storage.keys()].slice(0, 1))).toEqual(
    [...chain.fork.storage.values()].slice(0, 1),
  )
  await limited.close()
}, 60_000)

it('has a twin of every policy', () => {
  const every = policyDefinitions.map(({ name }) => name)
  expect([...new Set(cases.map(([policy]) => policy))].sort()).toEqual(every.sort())
})

/** One policy for each place of a hook: what is done there does not depend on the layout. */
const places = ['stake-cap', 'performance-weighted', 'role-split']
const firsts = places.map((place) => cases.find(([policy]) => policy === place) as (typeof cases)[number])

const terms = expandRuntime(loadPrebuilt('epochdiff_runtime_terms').wasm)
const real = realRuntime(293)
describe.each([
  ['rows', cases, reference, (wasm: Uint8Array) => smallChain(wasm, 1)],
  ['terms', firsts, terms, (wasm: Uint8Array) => smallChain(wasm, 2)],
  [`spec 293${real === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''}`, cases, real, realChain],
] as const)('on %s', (_, policies, wasm, openChain) => {
  const here = wasm === undefined ? it.skip : it
  let chain: Chain
  let unwoven: StorageDiff[]
  let withHook: Uint8Array
  beforeAll(async () => {
    if (wasm === undefined) return
    chain = await openChain(wasm)
    withHook = weave(wasm, [{ kind: 'hook', definition, number: 0, params: {} }]).wasm
    unwoven = await changes(chain, wasm)
    expect(unwoven).toHaveLength(netuids.length)
  }, 60_000)

  here('a hook that returns what it is given changes no byte', async () => {
    const hooks = twin(chain, { policy: 'none' })
    expect(await changes(chain, withHook, hooks)).toEqual(unwoven)
    // As a run has it, in a process of its own.
    const arm = await engine.openArm({ name: 'arm', wasm: withHook, storage: chain.fork.storage, hooks })
    expect(await changesIn(arm, chain.plan)).toEqual(unwoven)
  })

  here.each(policies)(
    '%s %j',
    async (policy, params) => {
      const patch: PolicyPatch = checkPolicyParams(policy, params)
      const [woven, hooked] = await Promise.all([
        changes(chain, weave(chain.wasm, [patch]).wasm),
        changes(chain, withHook, twin(chain, { policy, ...patch.params })),
      ])
      expect(hooked).toEqual(woven)
      expect(woven).not.toEqual(unwoven)
      expect(isNeutral(patch)).toBe(false)
    },
    60_000,
  )
})
