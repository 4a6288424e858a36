import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { checkConservation } from '../harness/checks/conservation.js'
import type { Engine } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { Hex } from '../harness/fork/forkState.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'
import { chainState } from '../harness/ledger/chainState.js'
import { isUndivided } from '../harness/ledger/gatheredEmission.js'
import type { Ledger } from '../harness/ledger/ledger.js'
import { accumulated } from '../harness/ledger/pendings.js'
import { readEpoch } from '../harness/ledger/readEpoch.js'
import { sharePools, valueOf } from '../harness/ledger/sharePool.js'
import type { EpochRecord } from '../harness/replay/epochRecord.js'
import { followState } from '../harness/replay/followedState.js'
import { encodeHeader, headerHash } from '../harness/replay/header.js'
import { replayEpochs, type ReplayMode } from '../harness/replay/replayEpochs.js'
import { olderChain, realRuntime } from './olderLayout.js'

const NETUIDS = [1, 2, 3]
const EPOCHS = 3
const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, rao) => total + rao, 0n)
const magnitude = (rao: bigint) => (rao < 0n ? -rao : rao)

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('native')
})
afterAll(() => engine.close())

interface Replayed {
  readonly codec: StorageCodec
  readonly records: readonly EpochRecord[]
  readonly ledger: Ledger
}

async function replay(wasm: Uint8Array, mode: ReplayMode, seed: number): Promise<Replayed> {
  const { codec, storage: made, head } = await olderChain(engine, wasm, seed)
  const storage = new Map(made)
  // Rewards that are gathered for a day are staked every 152 blocks instead, some in the blocks of epochs.
  const tempo = ['SubtensorModule', 'HotkeyEmissionTempo'] as const
  if (codec.has(...tempo)) storage.set(codec.key(...tempo), codec.encode(...tempo, 151n))
  const arm = await engine.openArm({ name: mode, wasm, storage })
  const records: EpochRecord[] = []
  const plan = { codec, head, netuids: NETUIDS, epochs: EPOCHS, mode, feed: { steps: [] } }
  for await (const record of replayEpochs(arm, plan)) records.push(record)
  await arm.close()
  const ledgers = records.map((record) => readEpoch(codec, record))
  return {
    codec,
    records,
    ledger: {
      entries: ledgers.flatMap(({ entries }) => entries),
      totals: ledgers.flatMap(({ totals }) => totals),
      vectors: ledgers.flatMap(({ vectors }) => vectors),
    },
  }
}

describe.each([239, 245, 252, 293, 300])('spec %d', (spec) => {
  const wasm = realRuntime(spec)
  const itHere = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  itHere(`ordinary blocks add to the pendings what the ledger computes${why}`, async () => {
    if (wasm === undefined) return
    const { codec, storage: made, head } = await olderChain(engine, wasm, 1)
    const storage = new Map(made)
    // A branch of the chain keeps a part of a block's TAO for block authors: before subnets get any.
    const forAuthors = codec.has('SubtensorModule', 'NodeValidatorEmissionsPercent')
    if (forAuthors) {
      const path = ['SubtensorModule', 'NodeValidatorEmissionsPercent'] as const
      storage.set(codec.key(...path), codec.encode(...path, 10))
    }
    const arm = await engine.openArm({ name: 'ordinary', wasm, storage })
    let parentHash = head.hash
    let compared = 0
    for (let block = 1; block <= 12; block += 1) {
      const before = await followState(arm, codec)
      const header = encodeHeader({ number: head.number + block, parentHash })
      parentHash = headerHash(header)
      await arm.call('Core_initialize_block', header, { commit: true })
      const after = await followState(arm, codec)
      const [pre, post] = [chainState(codec, before.entries), chainState(codec, after.entries)]
      for (const netuid of NETUIDS) {
        if (post.int('BlocksSinceLastStep', netuid) === 0n) continue
        const grown = (item: string) => post.int(item, netuid) - pre.int(item, netuid)
        const added = accumulated(pre, post, netuid, pre.netuids())
        expect({
          both: grown('PendingEmission'),
          root: grown('PendingAlphaSwapped'),
          cut: grown('PendingOwnerCut'),
        }).toEqual({ both: added.serverRao, root: added.rootRao, cut: added.ownerCutRao })
        compared += 1
      }
    }
    expect(compared).toBeGreaterThan(30)
    if (forAuthors) {
      const path = ['SubtensorModule', 'PendingNodeValidatorEmissions'] as const
      const [kept = null] = await arm.read([codec.key(...path)])
      expect(codec.decode(...path, kept)).toBe(12n * 100_000_000n)
    }
  })

  itHere.each([
    ['blocks', 1],
    ['blocks', 2],
    ['jump', 1],
  ] as const)(`%s, seed %d: pays what was drained, to whom it was credited${why}`, async (mode, seed) => {
    if (wasm === undefined) return
    const { codec, records, ledger } = await replay(wasm, mode, seed)
    expect(ledger.totals).toHaveLength(NETUIDS.length * EPOCHS)
    const checks = checkConservation({ baseline: ledger, candidate: ledger })
    // Up to spec 252 validators are not paid what waits for them: less by what is on root stake, or root's besides.
    const fits = (level: string) => level === 'pass' || (spec < 257 && level === (spec < 244 ? 'warning' : 'info'))
    expect(checks.filter(({ level }) => !fits(level))).toEqual([])
    expect(ledger.totals.every(({ unownedRao }) => (unownedRao === 0n) === spec >= 257)).toBe(true)
    const roles = new Set(ledger.entries.map(({ role }) => role))
    const withheld = spec >= 247 ? ['burned'] : []
    expect([...roles].sort()).toEqual([...withheld, 'miner', 'nominator', 'owner', 'root', 'validator'])
    records.forEach((record, index) => expectGrowth(codec, record, ledger, ledger.totals[index]?.epoch ?? -1))
  })
})

describe.each([143, 185])('spec %d, before dynamic TAO', (spec) => {
  const wasm = realRuntime(spec)
  const itHere = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  itHere.each(['blocks', 'jump'] as const)(`%s: pays in the next block what the epoch loaded${why}`, async (mode) => {
    if (wasm === undefined) return
    const { codec, records, ledger } = await replay(wasm, mode, 1)
    expect(ledger.totals).toHaveLength(NETUIDS.length * EPOCHS)
    const checks = checkConservation({ baseline: ledger, candidate: ledger })
    expect(checks.filter(({ level }) => level !== 'pass')).toEqual([])
    const roles = new Set(ledger.entries.map(({ role }) => role))
    expect([...roles].sort()).toEqual(['miner', 'nominator', 'owner', 'validator'])
    for (const { epoch, netuid, post, settled } of records) {
      if (settled === undefined) throw new Error('not settled')
      const total = (entries: ReadonlyMap<Hex, Hex>) => {
        const state = chainState(codec, entries)
        const prefix = codec.prefix('SubtensorModule', 'TotalHotkeyStake')
        return sum(
          [...entries]
            .filter(([key]) => key.startsWith(prefix))
            .map(([key]) =>
              state.int('TotalHotkeyStake', codec.decodeKey('SubtensorModule', 'TotalHotkeyStake', key)[0]),
            ),
        )
      }
      const staked = ledger.entries.filter(
        (entry) => entry.epoch === epoch && entry.netuid === netuid && entry.role !== 'owner',
      )
      expect(total(settled) - total(post)).toBe(sum(staked.map(({ alphaRao }) => alphaRao)))
    }
  })
})

describe.each([143, 185])('spec %d, owners', (spec) => {
  const wasm = realRuntime(spec)
  const itHere = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  itHere(`get their cut of every block as free balance${why}`, async () => {
    if (wasm === undefined) return
    const { codec, storage, head } = await olderChain(engine, wasm, 1)
    const arm = await engine.openArm({ name: 'owner', wasm, storage })
    const plan = { codec, head, netuids: [1], epochs: 1, mode: 'blocks' as const, feed: { steps: [] } }
    const ledgers: Ledger[] = []
    let blocks = 0
    for await (const record of replayEpochs(arm, plan)) {
      ledgers.push(readEpoch(codec, record))
      blocks = record.block - head.number
    }
    const owner = ledgers[0]?.entries.find(({ role }) => role === 'owner')
    const key = codec.key('System', 'Account', owner?.coldkey)
    const free = (value: Hex | null) =>
      (codec.decode('System', 'Account', value) as { data: { free: bigint } }).data.free
    const [after = null] = await arm.read([key])
    await arm.close()
    // The block that pays the epoch is one more.
    const grown = free(after) - free(storage.get(key) ?? null)
    expect(grown * BigInt(blocks)).toBe((owner?.alphaRao ?? 0n) * BigInt(blocks + 1))
    expect(grown).toBeGreaterThan(0n)
  })
})

describe.each([219])('spec %d, rewards gathered by hotkey', (spec) => {
  const wasm = realRuntime(spec)
  const itHere = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  itHere.each(['blocks', 'jump'] as const)(`%s: tells what each hotkey earned${why}`, async (mode) => {
    if (wasm === undefined) return
    const { codec, records, ledger } = await replay(wasm, mode, 1)
    expect(ledger.totals).toHaveLength(NETUIDS.length * EPOCHS)
    const checks = checkConservation({ baseline: ledger, candidate: ledger })
    expect(checks.filter(({ level }) => level !== 'pass')).toEqual([])
    const waiting = ledger.entries.filter(({ coldkey }) => isUndivided(coldkey))
    expect(new Set(waiting.map(({ role }) => role))).toEqual(new Set(['validator']))
    expect(new Set(ledger.entries.map(({ role }) => role))).toEqual(new Set(['miner', 'validator', 'owner']))
    let staked = 0n
    for (const { epoch, netuid, pre, post } of records) {
      const ofEpoch = ledger.entries.filter((entry) => entry.epoch === epoch && entry.netuid === netuid)
      const gathered = sum(ofEpoch.filter(({ role }) => role !== 'owner').map(({ alphaRao }) => alphaRao))
      const total = (entries: ReadonlyMap<Hex, Hex>, item: string) => {
        const state = chainState(codec, entries)
        const prefix = codec.prefix('SubtensorModule', item)
        const keys = [...entries.keys()].filter((key) => key.startsWith(prefix))
        return sum(keys.map((key) => state.int(item, codec.decodeKey('SubtensorModule', item, key)[0])))
      }
      const grown = (item: string) => total(post, item) - total(pre, item)
      // What is staked comes out of what was gathered.
      expect(grown('PendingdHotkeyEmission') + grown('TotalHotkeyStake')).toBe(gathered)
      staked += grown('TotalHotkeyStake')
    }
    expect(staked).toBeGreaterThan(0n)
  })
})

describe.each([218])('spec %d', (spec) => {
  const wasm = realRuntime(spec)
  const itHere = wasm === undefined ? it.skip : it
  itHere(
    `of the network raonet is refused${wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''}`,
    async () => {
      if (wasm === undefined) return
      await expect(replay(wasm, 'blocks', 1)).rejects.toThrow(/E527/)
    },
  )
})

/** What every coldkey's stake on the subnet grew by is what the ledger says it was paid there. */
function expectGrowth(codec: StorageCodec, { netuid, pre, post }: EpochRecord, ledger: Ledger, epoch: number): void {
  const pools = (entries: ReadonlyMap<Hex, Hex>) => sharePools(chainState(codec, entries), netuid)
  const [before, after] = [pools(pre), pools(post)]
  const entries = ledger.entries.filter((entry) => entry.epoch === epoch && entry.netuid === netuid)
  const onSubnet = entries.filter(({ role }) => role !== 'burned' && role !== 'root')
  const hotkeys = new Set([...after.keys()])
  let validators = 0n
  for (const hotkey of hotkeys) {
    const pool = after.get(hotkey)
    const earlier = before.get(hotkey)
    const growth = (pool?.totalRao ?? 0n) - (earlier?.totalRao ?? 0n)
    const paid = sum(onSubnet.filter((entry) => entry.hotkey === hotkey).map(({ alphaRao }) => alphaRao))
    // The take on root dividends is the validator's too, and is not on the subnet.
    const takes = paid - growth
    expect(takes).toBeGreaterThanOrEqual(0n)
    validators += takes
    for (const coldkey of pool?.shares.keys() ?? []) {
      const ofColdkey = entries.filter((entry) => entry.hotkey === hotkey && entry.coldkey === coldkey)
      if (!ofColdkey.some(({ role }) => role === 'nominator')) continue
      if (pool === undefined) continue
      const gained = valueOf(pool, coldkey) - (earlier === undefined ? 0n : valueOf(earlier, coldkey))
      const nominated = sum(ofColdkey.filter(({ role }) => role === 'nominator').map(({ alphaRao }) => alphaRao))
      expect(magnitude(gained - nominated)).toBeLessThanOrEqual(BigInt(pool.shares.size) + 1n)
    }
  }
  const root = sum(entries.filter(({ role }) => role === 'root').map(({ alphaRao }) => alphaRao))
  expect(validators).toBeLessThanOrEqual(root)
}
