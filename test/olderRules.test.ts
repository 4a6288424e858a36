import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { checkConservation } from '../harness/checks/conservation.js'
import type { Engine } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { Hex } from '../harness/fork/forkState.js'
import { forkSmall } from '../harness/fork/small.js'
import { createStorageCodec, type StorageCodec } from '../harness/fork/storageCodec.js'
import { chainState } from '../harness/ledger/chainState.js'
import type { Ledger, RewardEntry } from '../harness/ledger/ledger.js'
import { readEpoch } from '../harness/ledger/readEpoch.js'
import type { EpochRecord } from '../harness/replay/epochRecord.js'
import { replayEpochs } from '../harness/replay/replayEpochs.js'
import { REWARD_ITEMS } from '../harness/replay/rewardItems.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { codecOf } from './codecOf.js'
import { inLayoutOf } from './layoutTwin.js'

// The reference runtime by the rules of older specs, and the same epochs as a chain of that spec would have stored them.

const NETUIDS = [1, 2]
const { wasm } = loadPrebuilt('epochdiff_runtime')

/** The chain's own metadata of spec 393. Its events are numbered otherwise. */
const METADATA = new URL('../harness/fork/fixtures/finney-393.scale.gz', import.meta.url)
let finney393: StorageCodec

let engine: Engine
let codec: StorageCodec
beforeAll(async () => {
  engine = await openEngine('native')
  codec = await codecOf(engine, wasm)
  const chain = createStorageCodec(`0x${gunzipSync(readFileSync(METADATA)).toString('hex')}`)
  const decode: StorageCodec['decode'] = (pallet, item, value) =>
    (item === 'Events' ? codec : chain).decode(pallet, item, value)
  finney393 = { ...chain, decode }
})
afterAll(() => engine.close())

/** @param movingPrice of every subnet, I96F32 bits; as drawn when left out
 *  @param closed a subnet that nobody can be registered on, whose price alone is above one TAO */
async function replay(spec: number, movingPrice?: bigint, closed?: number): Promise<EpochRecord[]> {
  const { fork } = forkSmall({ seed: 1, codec, wasm })
  const storage = new Map<Hex, Hex>(fork.storage)
  const put = (item: string, args: readonly number[], value: unknown) =>
    storage.set(codec.key('SubtensorModule', item, ...args), codec.encode('SubtensorModule', item, value))
  put('RulesOfSpec', [], spec)
  if (movingPrice !== undefined) {
    const prefix = codec.prefix('SubtensorModule', 'SubnetMovingPrice')
    for (const key of storage.keys()) {
      if (key.startsWith(prefix)) storage.set(key, codec.encode('SubtensorModule', 'SubnetMovingPrice', movingPrice))
    }
  }
  if (closed !== undefined) {
    put('SubnetMovingPrice', [closed], 2n << 32n)
    put('NetworkRegistrationAllowed', [closed], false)
    put('NetworkPowRegistrationAllowed', [closed], false)
  }
  const arm = await engine.openArm({ name: `spec ${spec}`, wasm, storage })
  const records: EpochRecord[] = []
  const plan = { codec, head: fork.header, netuids: NETUIDS, epochs: 2, mode: 'jump' as const, feed: { steps: [] } }
  for await (const record of replayEpochs(arm, plan)) records.push(record)
  await arm.close()
  return records
}

const together = (ledgers: readonly Ledger[]): Ledger => ({
  entries: ledgers.flatMap(({ entries }) => entries),
  totals: ledgers.flatMap(({ totals }) => totals),
  vectors: ledgers.flatMap(({ vectors }) => vectors),
})
const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, rao) => total + rao, 0n)
const accounts = ({ entries }: Ledger) =>
  new Map(
    entries.map(({ epoch, netuid, hotkey, coldkey, role, alphaRao }) => [
      `${epoch} ${netuid} ${hotkey} ${coldkey} ${role}`,
      alphaRao,
    ]),
  )
const emptyRecord = { pre: new Map(), post: new Map() } as unknown as EpochRecord
const CHEAP = 1n << 29n

it('the layout of spec 393 is that of the chain’s own metadata', () => {
  const { codec: twin } = inLayoutOf(393, codec, emptyRecord)
  const items = REWARD_ITEMS.filter((path) => codec.has(...path) && path[1] !== 'RulesOfSpec')
  expect(items.filter((path) => twin.has(...path) !== finney393.has(...path))).toEqual([])
})

describe.each([
  { spec: 334, price: undefined, closed: undefined, root: true },
  { spec: 342, price: CHEAP, closed: undefined, root: false },
  { spec: 343, price: CHEAP, closed: undefined, root: false },
  // A subnet that nobody can be registered on emits nothing, but its price counted up to 360.
  { spec: 343, price: CHEAP, closed: 3, root: true },
  { spec: 361, price: CHEAP, closed: 3, root: false },
  { spec: 393, price: undefined, closed: undefined, root: true },
  { spec: 422, price: CHEAP, closed: undefined, root: false },
])('rules of spec $spec, moving prices $price, closed $closed', ({ spec, price, closed, root }) => {
  it('pay what was drained, and a chain of that spec tells the same', async () => {
    const records = await replay(spec, price, closed)
    expect(records).toHaveLength(4)
    const ledger = together(records.map((record) => readEpoch(codec, record)))
    const twin = together(
      records.map((record) => {
        const stored = inLayoutOf(spec, codec, record)
        return readEpoch(spec === 393 ? finney393 : stored.codec, stored.record)
      }),
    )
    for (const one of [ledger, twin]) {
      const checks = checkConservation({ baseline: one, candidate: one })
      expect(checks.filter(({ level }) => level !== 'pass' && level !== 'info')).toEqual([])
    }
    const [own, told] = [accounts(ledger), accounts(twin)]
    const off = [...new Set([...own.keys(), ...told.keys()])].filter((account) => {
      const difference = (own.get(account) ?? 0n) - (told.get(account) ?? 0n)
      return difference > 2n || difference < -2n
    })
    expect(off).toEqual([])
    // What waited at the fork is paid by the first epochs.
    const paid = (role: RewardEntry['role']) =>
      sum(ledger.entries.filter((entry) => entry.epoch > 0 && entry.role === role).map(({ alphaRao }) => alphaRao))
    expect(paid('root') > 0n).toBe(root)
    expect(paid('miner')).toBeGreaterThan(0n)
    records.forEach((record) => expectTotals(record, ledger))
  })
})

/** The chain's own totals grew by what the ledger says: alpha of all hotkeys, and what became claimable by root. */
function expectTotals({ netuid, epoch, pre, post }: EpochRecord, ledger: Ledger): void {
  const [before, after] = [chainState(codec, pre), chainState(codec, post)]
  const alpha = (state: typeof before) =>
    sum(
      [...state.endingIn('TotalHotkeyAlpha', netuid)].map(([[hotkey = '']]) =>
        state.int('TotalHotkeyAlpha', hotkey, netuid),
      ),
    )
  const claimable = sum(
    [...after.below('RootAlphaDividendsPerSubnet', netuid)].map(([[hotkey = '']]) =>
      after.int('RootAlphaDividendsPerSubnet', netuid, hotkey),
    ),
  )
  const own = ledger.entries.filter((entry) => entry.netuid === netuid && entry.epoch === epoch)
  const paid = sum(own.filter(({ role }) => role !== 'burned').map(({ alphaRao }) => alphaRao))
  expect(paid).toBe(alpha(after) - alpha(before) + claimable)
}
