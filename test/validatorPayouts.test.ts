import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Engine, EngineArm } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { Hex } from '../harness/fork/forkState.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'
import { encodeHeader, headerHash } from '../harness/replay/header.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { weave } from '../harness/runtime/weave.js'
import {
  type Drained,
  drained,
  independentPayout,
  openState,
  paidInto,
  type Payout,
  type StakePool,
  stakePools,
  stakeSteps,
  type State,
} from './independentPayout.js'
import type { Row, YumaInput } from './independentYuma.js'
import { olderChain, realRuntime } from './olderLayout.js'
import { grantedBy, policyCases, type PolicyCase } from './policyCases.js'

// What every account is paid by an epoch's block, under no policy and under each that touches the validators' pool: computed a second
// time from the state before the block, and compared with the storage after it, hotkey by hotkey and coldkey by coldkey, on
// the subnet and on root. Parents, nominators and stakers on root are paid on this made-up chain.

const ROOT = 0
/** Amounts that the chain and the second implementation may differ by, for their roundings. */
const slackRao = 2n

const cases: Readonly<Record<string, PolicyCase>> = { 'no policy': { patches: [] }, ...policyCases }
/** One for each place at which a policy acts; `policyEffects.test.ts` tells of the others on our own runtime. */
const places = ['no policy', 'stake-cap', 'aiarena']

/** Blocks after the head in which the only epoch is one of this subnet. */
type Offset = readonly [netuid: number, blocks: number]
interface Chain {
  readonly name: string
  readonly wasm: Uint8Array | undefined
  readonly offsets: readonly Offset[]
  readonly names: readonly string[]
}
const real = (spec: number): Chain => {
  const offsets: readonly Offset[] = [[3, 1], [1, 20]] // prettier-ignore
  return { name: `spec ${spec}`, wasm: realRuntime(spec), offsets, names: Object.keys(cases) }
}
const chains: readonly Chain[] = [
  { name: 'reference', wasm: loadPrebuilt('epochdiff_runtime').wasm, offsets: [[1, 20]], names: places },
  real(293),
  real(300),
]

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('native')
})
afterAll(() => engine.close())

interface Block {
  readonly netuid: number
  readonly codec: StorageCodec
  readonly wasm: Uint8Array
  readonly number: number
  readonly header: Hex
  readonly storage: ReadonlyMap<Hex, Hex>
}

const stateOf = async (arm: EngineArm): Promise<Map<Hex, Hex>> => new Map(await arm.entries('0x'))

/** The chain as each of the blocks finds it. */
async function chainBefore(wasm: Uint8Array, offsets: readonly Offset[]): Promise<Block[]> {
  const { codec, storage, head } = await olderChain(engine, wasm, 1)
  const start = new Map(storage)
  // Claims of root dividends, drawn in every block, would be paid besides.
  const claims = ['SubtensorModule', 'NumRootClaim'] as const
  if (codec.has(...claims)) start.set(codec.key(...claims), codec.encode(...claims, 0))
  const arm = await engine.openArm({ name: 'before', wasm, storage: start })
  const found: Block[] = []
  let parentHash = head.hash
  for (let number = head.number + 1; found.length < offsets.length; number += 1) {
    const header = encodeHeader({ number, parentHash })
    parentHash = headerHash(header)
    const netuid = offsets.find(([, blocks]) => head.number + blocks === number)?.[0]
    if (netuid !== undefined) found.push({ netuid, codec, wasm, number, header, storage: await stateOf(arm) })
    await arm.call('Core_initialize_block', header, { commit: true })
  }
  await arm.close()
  return found
}

async function stateAfter({ codec, wasm, header, storage }: Block, { patches }: PolicyCase): Promise<State> {
  const code = patches.length === 0 ? wasm : weave(wasm, patches).wasm
  const arm = await engine.openArm({ name: 'epoch', wasm: code, storage })
  await arm.call('Core_initialize_block', header, { commit: true })
  const after = openState(codec, await stateOf(arm))
  await arm.close()
  return after
}

const hotkeysOf = (state: State, netuid: number) =>
  Array.from({ length: Number(state.int('SubnetworkN', netuid)) }, (_, uid) => state.text('Keys', netuid, uid))

function epochInput(state: State, netuid: number, block: number, held: Drained): YumaInput {
  const hotkeys = hotkeysOf(state, netuid)
  const number = (item: string) => Number(state.int(item, netuid))
  const rows = (item: string) => hotkeys.map((_, uid) => state.read(item, netuid, uid) as Row)
  const newer = state.knows('LastEpochBlock')
  const uid = state.read('Uids', netuid, state.text('SubnetOwnerHotkey', netuid))
  return {
    params: {
      block,
      tempo: number('Tempo'),
      lastMechanismStepBlock: newer ? number('LastMechansimStepBlock') : 0,
      activityCutoff: newer
        ? Math.floor((number('ActivityCutoffFactorMilli') * number('Tempo')) / 1000)
        : number('ActivityCutoff'),
      kappa: number('Kappa'),
      bondsPenalty: number('BondsPenalty'),
      bondsMovingAverage: number('BondsMovingAverage'),
      maxAllowedValidators: number('MaxAllowedValidators'),
      stakeThresholdRao: state.int('StakeThreshold') << 64n,
      ownerIsExempt: newer,
      ...(uid !== null && { ownerUid: Number(uid) }),
    },
    stakeRao: hotkeys.map((hotkey) => stakeSteps(state, netuid, hotkey)),
    weights: rows('Weights'),
    bonds: rows('Bonds'),
    lastUpdate: (state.read('LastUpdate', netuid) as unknown[]).map(Number),
    registrationBlock: hotkeys.map((_, each) => Number(state.int('BlockAtRegistration', netuid, each))),
    permits: state.read('ValidatorPermit', netuid) as boolean[],
    serverRao: held.minersRao,
    validatorRao: held.epochRao - held.minersRao,
  }
}

const vectorItems = ['incentive', 'dividends', 'consensus', 'validatorTrust', 'stakeWeight'] as const
type VectorItem = (typeof vectorItems)[number]

/** What the epoch pays under a case, computed again; its vectors are within a unit of those that the chain stored. */
function computedAgain(policyCase: PolicyCase, block: Block, before: State, after: State, netuid: number): Payout {
  const held = drained(before, after, netuid)
  const stored = (item: VectorItem) =>
    (after.read(`${item[0]?.toUpperCase() ?? ''}${item.slice(1)}`, netuid) as unknown[]).map(Number)
  const vectors = {
    ...(Object.fromEntries(vectorItems.map((item) => [item, stored(item)])) as Record<VectorItem, number[]>),
    validatorPermit: after.read('ValidatorPermit', netuid) as boolean[],
  }
  const input = epochInput(before, netuid, block.number, held)
  const { again, movedRao, pools } = grantedBy(policyCase, input, held, vectors)
  for (const item of vectorItems) {
    const apart = again[item].map((value, uid) => Math.abs(value - (vectors[item][uid] ?? NaN)))
    expect(Math.max(...apart)).toBeLessThanOrEqual(1)
  }
  expect(vectors.validatorPermit).toEqual(again.permits)
  expect(movedRao !== 0n).toBe(policyCase.moved !== undefined)
  const grants = hotkeysOf(before, netuid).map((hotkey, uid) => {
    return { hotkey, minerRao: pools.minerRao[uid] ?? 0n, validatorRao: pools.validatorRao[uid] ?? 0n }
  })
  return independentPayout(before, netuid, grants, { ...held, validatorsRao: held.validatorsRao - movedRao })
}

const magnitude = (amount: bigint) => (amount < 0n ? -amount : amount)
const largest = (amounts: readonly bigint[]) => amounts.reduce((max, each) => (each > max ? each : max), 0n)

/** By how much every stake of a subnet differs, at most: of hotkeys in rao, of coldkeys in steps of 2^-64 rao. */
function apart(ours: ReadonlyMap<string, StakePool>, theirs: ReadonlyMap<string, StakePool>) {
  const hotkeys = [...new Set([...ours.keys(), ...theirs.keys()])]
  const rao = hotkeys.map((each) => magnitude((ours.get(each)?.totalRao ?? 0n) - (theirs.get(each)?.totalRao ?? 0n)))
  const steps = hotkeys.flatMap((hotkey) => {
    const [own, their] = [ours.get(hotkey)?.steps, theirs.get(hotkey)?.steps]
    const coldkeys = [...new Set([...(own?.keys() ?? []), ...(their?.keys() ?? [])])]
    return coldkeys.map((coldkey) => magnitude((own?.get(coldkey) ?? 0n) - (their?.get(coldkey) ?? 0n)))
  })
  return { rao: largest(rao), steps: largest(steps) }
}

/** What can be claimed at each hotkey is within the roundings of what root's stakers there were paid. */
function expectClaimable(before: State, after: State, netuid: number, claimable: Payout['claimable']): void {
  const rate = (state: State, hotkey: string) =>
    new Map(state.read('RootClaimable', hotkey) as [number, bigint][]).get(netuid) ?? 0n
  for (const [hotkey, rao] of claimable) {
    const rootRao = before.int('TotalHotkeyAlpha', hotkey, ROOT)
    const grown = rate(after, hotkey) - rate(before, hotkey)
    // The rate is stored in steps of 2^-32 rao for each rao on root.
    expect(magnitude(grown * rootRao - (rao << 32n))).toBeLessThanOrEqual(rootRao + (slackRao << 32n))
  }
}

describe.each(chains)('$name', ({ wasm, offsets, names }) => {
  const here = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''
  let blocks: { readonly block: Block; readonly before: State; readonly unchanged: State }[]
  beforeAll(async () => {
    if (wasm === undefined) return
    blocks = []
    for (const block of await chainBefore(wasm, offsets)) {
      const before = openState(block.codec, block.storage)
      blocks.push({ block, before, unchanged: await stateAfter(block, { patches: [] }) })
    }
  }, 120_000)

  here.each(names)(
    `%s: pays every account what its definition says, within 2 rao${why}`,
    async (name) => {
      const policyCase = cases[name]
      if (policyCase === undefined) throw new Error('no such case')
      for (const { block, before, unchanged } of blocks) {
        const { netuid } = block
        const today = policyCase.patches.length === 0
        const after = today ? unchanged : await stateAfter(block, policyCase)
        expect([1, 2, 3].filter((each) => after.int('BlocksSinceLastStep', each) === 0n)).toEqual([netuid])
        const { payments, claimable } = computedAgain(policyCase, block, before, after, netuid)
        for (const subnet of [netuid, ROOT]) {
          const here = payments.filter((each) => each.netuid === subnet)
          const expected = paidInto(stakePools(before, subnet), here)
          const found = apart(expected, stakePools(after, subnet))
          expect(found.rao).toBeLessThanOrEqual(slackRao)
          expect(found.steps).toBeLessThanOrEqual(slackRao << 64n)
          if (subnet === ROOT) continue
          const fromToday = apart(expected, stakePools(unchanged, subnet))
          expect(fromToday.rao > 1_000_000n * slackRao).toBe(!today)
        }
        const paidOnRoot = payments.some(({ what, netuid: subnet }) => what === 'root dividend' && subnet === ROOT)
        expect(paidOnRoot).toBe(claimable.size === 0)
        expectClaimable(before, after, netuid, claimable)
        // Every way of being paid is met: parents have no uid, and nominators share with the owner.
        const uids = new Set(hotkeysOf(before, netuid))
        expect(payments.some(({ what, hotkey }) => what === 'dividend' && !uids.has(hotkey))).toBe(true)
        const kinds = ['owner cut', 'incentive', 'take', 'dividend', 'root take']
        expect([...new Set(payments.map(({ what }) => what))]).toEqual(expect.arrayContaining(kinds))
      }
    },
    60_000,
  )
})
