import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Compact, type Option, type Struct, TypeRegistry, type u64, type Vec } from '@polkadot/types'
import type { Engine, EngineArm, StorageDiff } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { Hex } from '../harness/fork/forkState.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'
import { chainState } from '../harness/ledger/chainState.js'
import type { EpochTotals, EpochVectors, RewardEntry } from '../harness/ledger/ledger.js'
import { readEpoch } from '../harness/ledger/readEpoch.js'
import type { EpochRecord } from '../harness/replay/epochRecord.js'
import { encodeHeader, headerHash } from '../harness/replay/header.js'
import { replayEpochs } from '../harness/replay/replayEpochs.js'
import { checkPolicyParams, policyDefinition, policyDefinitions } from '../harness/runtime/policies.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { movedRao } from '../harness/runtime/movedRao.js'
import { weave } from '../harness/runtime/weave.js'
import { checkLayouts, withoutProbes } from '../harness/scenario/probeLayouts.js'
import { capStake } from './independentYuma.js'
import { olderChain, realRuntime } from './olderLayout.js'
import { apportion, totalOf } from './rewardCase.js'

// The policies inside runtimes of the chain, on a made-up chain of three subnets in which every role is paid. The runtimes
// are not ours to ship: without EPOCHDIFF_RUNTIMES only our own take part, which have the same layouts between them.

const stakeHook: readonly PolicyPatch[] = policyDefinitions
  .filter(({ hook }) => hook === 'stake_weights')
  .map(({ name, neutral }) => checkPolicyParams(name, neutral))
const everyHook = policyDefinitions.map(({ name, neutral }) => checkPolicyParams(name, neutral))
/** Those that can be woven in together: of the two that move rao between the pools one at a time (E321). */
const together = (patches: readonly PolicyPatch[]) =>
  ['aiarena', 'role-split'].map((mover) => patches.filter(({ policy }) => policy !== mover))

const runtimes = [
  { name: 'reference', wasm: loadPrebuilt('epochdiff_runtime').wasm, neutral: everyHook },
  { name: 'terms twin', wasm: loadPrebuilt('epochdiff_runtime_terms').wasm, neutral: everyHook },
  { name: 'spec 218', wasm: realRuntime(218), neutral: stakeHook },
  { name: 'spec 293', wasm: realRuntime(293), neutral: everyHook },
  { name: 'spec 300', wasm: realRuntime(300), neutral: everyHook },
]

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('native')
})
afterAll(() => engine.close())

/** Blocks one after the other, each with what it changed. */
async function blocks(arm: EngineArm, head: Parameters<typeof encodeHeader>[0] & { hash: string }, count: number) {
  const diffs: StorageDiff[] = []
  let parentHash = head.hash as ReturnType<typeof headerHash>
  for (let block = 1; block <= count; block += 1) {
    const header = encodeHeader({ number: head.number + block, parentHash })
    parentHash = headerHash(header)
    diffs.push((await arm.call('Core_initialize_block', header, { commit: true })).storageDiff)
  }
  return diffs
}

describe.each(runtimes)('$name', ({ wasm, neutral }) => {
  const here = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  here(
    `neutral policies change no byte of 24 blocks with at least 2 epochs${why}`,
    async () => {
      if (wasm === undefined) return
      const { codec, storage, head } = await olderChain(engine, wasm, 1)
      const count = 24
      const run = async (name: string, code: Uint8Array) => {
        const arm = await engine.openArm({ name, wasm: code, storage })
        const diffs = await blocks(arm, { ...head, parentHash: head.hash }, count)
        await arm.close()
        return diffs
      }
      const unwoven = await run('unwoven', wasm)
      for (const patches of together(neutral)) {
        const woven = await run('woven', weave(wasm, patches).wasm)
        woven.forEach((diff, block) => {
          expect(JSON.stringify(diff) === JSON.stringify(unwoven[block])).toBe(true)
        })
      }
      const consensus = codec.prefix('SubtensorModule', 'LastUpdate').slice(0, 34)
      expect(unwoven.flat().some(([key]) => key.startsWith(consensus))).toBe(true)
      const steps = [1, 2, 3].map((netuid) => codec.key('SubtensorModule', 'BlocksSinceLastStep', netuid))
      const zero = codec.encode('SubtensorModule', 'BlocksSinceLastStep', 0n)
      expect(unwoven.flat().filter(([key, value]) => steps.includes(key) && value === zero).length).toBeGreaterThan(1)
    },
    240_000,
  )
})

/** The runtimes that answer for a subnet's stakes; in spec 218 of this network nothing else tells of a cap, for its epoch is a mock. */
const answering = runtimes.filter(({ name }) => name.startsWith('spec'))
describe.each(answering)('$name', ({ name, wasm }) => {
  const here = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  here(
    `a stake cap at 88 makes of every subnet's stakes what it says, to the rao${why}`,
    async () => {
      if (wasm === undefined) return
      const { codec, storage } = await olderChain(engine, wasm, 1)
      const cap = { percentile: 88, scope: 'permitted' } as const
      const stakesOf = async (code: Uint8Array) => {
        const arm = await engine.openArm({ name: 'arm', wasm: code, storage })
        const answers = [1, 2, 3].map((netuid) =>
          arm.call('SubnetInfoRuntimeApi_get_subnet_state', `0x${netuid.toString(16).padStart(2, '0')}00`),
        )
        const stakes = (await Promise.all(answers)).map(({ result }) => totalStakes(result, name === 'spec 218'))
        await arm.close()
        return stakes
      }
      const today = await stakesOf(wasm)
      const capped = await stakesOf(weave(wasm, [checkPolicyParams('stake-cap', cap)]).wasm)
      const read = (item: string, ...args: number[]) => {
        const value = storage.get(codec.key('SubtensorModule', item, ...args)) ?? null
        return codec.decode('SubtensorModule', item, value)
      }
      const hasThreshold = codec.has('SubtensorModule', 'StakeThreshold')
      const expected = today.map((stakeRao, index) =>
        capStake({
          cap,
          stakeRao,
          permits: read('ValidatorPermit', index + 1) as boolean[],
          params: { stakeThresholdRao: hasThreshold ? (read('StakeThreshold') as bigint) : 0n },
        }),
      )
      expect(capped).toEqual(expected)
      expect(capped).not.toEqual(today)
    },
    120_000,
  )
})

const registry = new TypeRegistry()

/** `total_stake` of a SCALE `Option<SubnetState>`, rao by uid.
 *  @param inBytes the older API gives it as the bytes of that */
function totalStakes(answer: Hex, inBytes: boolean): bigint[] {
  const numbers = [
    'pruningScore', 'lastUpdate', 'emission', 'dividends', 'incentives', 'consensus', 'trust', 'rank', 'blockAtRegistration',
    'alphaStake', 'taoStake', 'totalStake',
  ] // prettier-ignore
  const fields = {
    netuid: 'Compact<u16>',
    ...Object.fromEntries(['hotkeys', 'coldkeys'].map((name) => [name, 'Vec<AccountId>'])),
    ...Object.fromEntries(['active', 'validatorPermit'].map((name) => [name, 'Vec<bool>'])),
    ...Object.fromEntries(numbers.map((name) => [name, 'Vec<Compact<u64>>'])),
    emissionHistory: 'Vec<Vec<Compact<u64>>>',
  }
  const bytes = inBytes ? registry.createType('Bytes', Buffer.from(answer.slice(2), 'hex')).toU8a(true) : answer
  const state = registry.createType<Option<Struct>>(`Option<${JSON.stringify(fields)}>`, bytes).unwrap()
  return (state.get('totalStake') as Vec<Compact<u64>>).map((rao) => rao.toBigInt())
}

interface Epoch {
  readonly record: EpochRecord
  readonly entries: readonly RewardEntry[]
  readonly vectors: EpochVectors
  readonly totals: EpochTotals
}

interface Chain {
  readonly codec: StorageCodec
  first(patches: readonly PolicyPatch[], probe?: boolean): Promise<Epoch>
  /** The first epoch of each of the three subnets. */
  totals(patches: readonly PolicyPatch[]): Promise<EpochTotals[]>
}

/** The first epoch that fires, of whichever subnet: a later one stands on what the others paid. */
async function openChain(wasm: Uint8Array): Promise<Chain> {
  const { codec, storage, head } = await olderChain(engine, wasm, 1)
  const epochs = async function* (patches: readonly PolicyPatch[], probe = false) {
    const code = patches.length === 0 ? wasm : weave(wasm, patches, { probe }).wasm
    const arm = await engine.openArm({ name: 'arm', wasm: code, storage })
    const plan = { codec, head, netuids: [1, 2, 3], epochs: 1, mode: 'blocks', feed: { steps: [] } } as const
    try {
      for await (const record of replayEpochs(arm, plan)) {
        yield { record, ...readEpoch(codec, record, movedRao(patches)) }
      }
    } finally {
      await arm.close()
    }
  }
  return {
    codec,
    async totals(patches) {
      const all: EpochTotals[] = []
      for await (const { totals } of epochs(patches)) all.push(...totals)
      return all
    },
    async first(patches, probe) {
      for await (const { record, entries, vectors, totals } of epochs(patches, probe)) {
        if (vectors[0] !== undefined && totals[0] !== undefined)
          return { record, entries, vectors: vectors[0], totals: totals[0] }
      }
      throw new Error('no epoch')
    },
  }
}

/** Items of SubtensorModule that an epoch's payout writes, and those that its vectors are. */
const payout = [
  'Alpha', 'AlphaV2', 'TotalHotkeyAlpha', 'TotalHotkeyShares', 'TotalHotkeySharesV2', 'TotalHotkeyAlphaLastEpoch',
  'AlphaDividendsPerSubnet', 'RootAlphaDividendsPerSubnet', 'TaoDividendsPerSubnet', 'TotalHotkeyStake', 'RootClaimable',
  'MinerBurned', 'SubnetAlphaOut', 'SubnetTAO', 'TotalStake', 'RootProp', 'AlphaV2MapLastKey', 'PendingRootAlphaDivs',
  'AlphaBurned', 'AlphaRecycled', 'TotalAlphaIssuance', 'Events', 'EventCount', 'AlphaMapLastKey', 'Account',
  'TotalIssuance', 'RootClaimableThreshold', 'StakingHotkeys', 'VotingPower', 'SubnetMovingPrice', 'SubnetTaoFlow',
  'RootClaimed', 'SubnetProtocolFlow', 'SubnetVolume', 'SubnetProtocolAlpha', 'SubnetEmaTaoFlow', 'SubnetRootSellTao', 'SubnetAlphaIn',
] // prettier-ignore
const vectorItems = [
  'Active', 'Bonds', 'Consensus', 'Dividends', 'Emission', 'Incentive', 'PruningScores', 'Rank', 'StakeWeight', 'Trust',
  'ValidatorPermit', 'ValidatorTrust',
] // prettier-ignore

function changedItems(codec: StorageCodec, before: StorageDiff, after: StorageDiff): string[] {
  const [ours, theirs] = [new Map(before), new Map(after)]
  const keys = [...new Set([...ours.keys(), ...theirs.keys()])].filter((key) => ours.get(key) !== theirs.get(key))
  return [...new Set(keys.map((key) => codec.itemOf(key)?.item ?? key))].sort()
}

/** The same probes, those of each hook and subnet in the opposite order. */
function probesTurned(diff: StorageDiff): StorageDiff {
  const kept = new Set(withoutProbes(diff))
  const placeOf = (key: string) => key.slice(0, -4)
  return diff.map((entry): StorageDiff[number] => {
    if (kept.has(entry)) return entry
    const [key] = entry
    const peers = diff.filter((other) => !kept.has(other) && placeOf(other[0]) === placeOf(key))
    return [key, peers.at(-1 - peers.indexOf(entry))?.[1] ?? null]
  })
}

/** What miners were granted, by uid, whether paid or withheld. */
function granted({ entries, vectors }: Epoch): bigint[] {
  return vectors.hotkeys.map((hotkey, uid) =>
    totalOf(
      entries
        .filter(({ role }) => role === 'miner' || role === 'burned')
        .filter((entry) => (entry.uid === undefined ? entry.hotkey === hotkey : entry.uid === uid))
        .map(({ alphaRao }) => alphaRao),
    ),
  )
}

const emissionCases: readonly {
  readonly patch: PolicyPatch
  readonly miners: (today: readonly bigint[], consensus: readonly bigint[]) => bigint[]
}[] = [
  {
    patch: checkPolicyParams('performance-weighted', { lambda: 0.5 }),
    miners: (today, perf) =>
      apportion(
        totalOf(today),
        today.map((rao, uid) => rao * totalOf(perf) + totalOf(today) * (perf[uid] ?? 0n)),
      ),
  },
  { patch: checkPolicyParams('composite', {}), miners: (today, perf) => apportion(totalOf(today), perf) },
  {
    patch: checkPolicyParams('trust-bonus', { beta: 1 }),
    miners: (today, perf) =>
      apportion(
        totalOf(today),
        today.map((rao, uid) => rao * (65_535n + (perf[uid] ?? 0n))),
      ),
  },
]

const withRewards = runtimes.filter(({ name }) => name !== 'spec 218')
describe.each(withRewards)('$name', ({ name, wasm }) => {
  const here = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''
  let chain: Chain
  let before: Epoch
  beforeAll(async () => {
    if (wasm === undefined) return
    chain = await openChain(wasm)
    before = await chain.first([])
  }, 240_000)

  const conserves = (after: Epoch) => {
    expect(after.totals.drainedRao).toBe(before.totals.drainedRao)
    for (const { paidRao, creditedRao, unpaidRao, unownedRao, slackRao } of [before.totals, after.totals]) {
      expect(creditedRao).toBe(paidRao)
      expect(unpaidRao - unownedRao).toBeLessThanOrEqual(slackRao)
      expect(unpaidRao - unownedRao).toBeGreaterThanOrEqual(-slackRao)
    }
  }

  here(
    `hands out what its own vectors say${why}`,
    async () => {
      if (wasm === undefined) return
      for (const policies of together(everyHook)) {
        const { record } = await chain.first(policies, true)
        const { patches } = weave(wasm, policies).manifest
        expect(() => {
          checkLayouts(chain.codec, record, patches)
        }).not.toThrow()
        expect(withoutProbes(record.storageDiff).length).toBeLessThan(record.storageDiff.length)
        expect(changedItems(chain.codec, before.record.storageDiff, withoutProbes(record.storageDiff))).toEqual([])
        // The comparison tells a wrong layout: what another uid was handed out does not fit.
        expect(() => {
          checkLayouts(chain.codec, { ...record, storageDiff: probesTurned(record.storageDiff) }, patches)
        }).toThrow(/E322/)
      }
    },
    240_000,
  )

  here(
    `a stake cap at 88 makes the stake weights that it says, and pays as much${why}`,
    async () => {
      if (wasm === undefined) return
      const after = await chain.first([checkPolicyParams('stake-cap', { percentile: 88 })])
      conserves(after)
      const items = changedItems(chain.codec, before.record.storageDiff, after.record.storageDiff)
      expect(items.filter((item) => !payout.includes(item) && !vectorItems.includes(item))).toEqual([])
      expect(items).toContain('StakeWeight')
      const state = chainState(chain.codec, before.record.pre)
      const permits = state.list('ValidatorPermit', before.record.netuid)
      const { stakeRao } = before.vectors
      const inScope = stakeRao.filter((rao, uid) => rao > 0n && permits[uid] === true).sort((a, b) => (a < b ? -1 : 1))
      const cap = inScope[Math.ceil(inScope.length * 0.88) - 1] ?? 0n
      const capped = stakeRao.map((rao) => (rao < cap ? rao : cap))
      // The made-up chain's threshold is below every stake that has a share.
      const counted = totalOf(capped.filter((_, uid) => (after.vectors.stakeWeight[uid] ?? 0) > 0))
      after.vectors.stakeWeight.forEach((share, uid) => {
        const expected = share === 0 ? 0 : Number(((capped[uid] ?? 0n) * 65_535n) / counted)
        expect(Math.abs(share - expected)).toBeLessThanOrEqual(1)
      })
      expect(stakeRao.filter((rao) => rao > cap).length).toBeGreaterThan(0)
    },
    240_000,
  )

  here.each(emissionCases.map((each) => [each.patch.policy, each] as const))(
    `%s pays miners what its definition says, and changes nothing but payouts${why}`,
    async (_, { patch, miners }) => {
      if (wasm === undefined) return
      expect(policyDefinition(patch.policy).hook).toBe('epoch_rewards')
      const after = await chain.first([patch])
      conserves(after)
      const items = changedItems(chain.codec, before.record.storageDiff, after.record.storageDiff)
      expect(items.filter((item) => !payout.includes(item))).toEqual([])
      expect(granted(after)).not.toEqual(granted(before))
      expect(totalOf(granted(after))).toBe(totalOf(granted(before)))
      // Ours stake some incentives with other hotkeys: test/policyEffects.test.ts tells each miner's there.
      if (name.startsWith('spec')) {
        const expected = miners(granted(before), before.vectors.consensus.map(BigInt))
        granted(after).forEach((rao, uid) => {
          const apart = rao - (expected[uid] ?? 0n)
          expect(apart <= 2n && apart >= -2n).toBe(true)
        })
      }
    },
    240_000,
  )

  here.each([
    ['a role split', 'role-split', { miner: 0.3, validator: 0.7 }],
    ['AIArena', 'aiarena', { gamma: 0.2 }],
  ])(
    `%s pays and burns as much in each subnet${why}`,
    async (_, policy, params) => {
      if (wasm === undefined) return
      const totals = await chain.totals([checkPolicyParams(policy, params)])
      expect(totals).toHaveLength(3)
      for (const { paidRao, creditedRao, unpaidRao, unownedRao, slackRao } of totals) {
        expect(creditedRao).toBe(paidRao)
        expect(unpaidRao - unownedRao).toBeLessThanOrEqual(slackRao)
        expect(unpaidRao - unownedRao).toBeGreaterThanOrEqual(-slackRao)
      }
    },
    240_000,
  )

  here(
    `a role split moves a tenth of the epoch from validators to miners${why}`,
    async () => {
      if (wasm === undefined) return
      const after = await chain.first([checkPolicyParams('role-split', { miner: 0.6, validator: 0.4 })])
      conserves(after)
      const items = changedItems(chain.codec, before.record.storageDiff, after.record.storageDiff)
      expect(items.filter((item) => !payout.includes(item))).toEqual([])
      const [was, is] = [granted(before), granted(after)]
      const moved = totalOf(is) - totalOf(was)
      // Half of the epoch is today's, but for roundings.
      const apart = moved * 5n - totalOf(was)
      expect(apart < 5_000n && apart > -5_000n).toBe(true)
      apportion(totalOf(is), was).forEach((expected, uid) => {
        expect(is[uid]).toBe(expected)
      })
      const others = (epoch: Epoch) =>
        totalOf(
          epoch.entries.filter(({ role }) => role !== 'miner' && role !== 'burned').map(({ alphaRao }) => alphaRao),
        )
      const lost = others(before) - others(after) - moved
      const slack = before.totals.slackRao + after.totals.slackRao
      expect(lost <= slack && lost >= -slack).toBe(true)
    },
    240_000,
  )
})
