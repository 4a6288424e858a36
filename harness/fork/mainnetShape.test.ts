import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import { misencoded } from '../../test/storageItems.js'
import { checkConservation } from '../checks/conservation.js'
import type { Engine } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import { readEpoch } from '../ledger/readEpoch.js'
import { gini } from '../metrics/gini.js'
import { replayEpochs } from '../replay/replayEpochs.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import type { ForkState, Hex } from './forkState.js'
import { forkMainnetShape, MAINNET_SHAPE_NETUIDS } from './mainnetShape.js'
import { createStorageCodec, type StorageCodec } from './storageCodec.js'
import { readSubnetsTable, type SubnetsTable } from './subnetsTable.js'

const SM = 'SubtensorModule'
const SCALE = 0.04
const { wasm } = loadPrebuilt('epochdiff_runtime')

let engine: Engine
let metadata: Hex
let codec: StorageCodec
let table: SubnetsTable
let fork: ForkState
const make = (seed: number, uidScale: number) => forkMainnetShape({ table, seed, uidScale, codec, wasm }).fork
beforeAll(async () => {
  engine = await openEngine('native')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  metadata = (await arm.call('Metadata_metadata', '0x')).result
  await arm.close()
  codec = createStorageCodec(metadata)
  const file = fileURLToPath(new URL('../../scenarios/data/subnets-6521727.json.gz', import.meta.url))
  table = await readSubnetsTable(file, 'd9ca770b2fcb250afcee4d28407073571913bdf0e605d2cd535e17dbc47b9bf7')
  fork = make(1, SCALE)
})
afterAll(() => engine.close())

const value = (item: string, ...args: unknown[]): unknown =>
  codec.decode(SM, item, fork.storage.get(codec.key(SM, item, ...args)) ?? null)

describe('the state of mainnet-shape', () => {
  it('is the same for the same seed, another for another', () => {
    const entries = ({ storage }: ForkState) => new Map(storage)
    expect(entries(make(1, SCALE))).toEqual(entries(fork))
    expect(entries(make(2, SCALE))).not.toEqual(entries(fork))
  })

  it('decodes and encodes to itself, key by key', () => {
    expect(misencoded(fork.storage, codec, metadata)).toEqual([])
  })

  it('stands at the recorded block with the recorded hyperparameters and prices', () => {
    const { subnets } = table
    expect(fork.header).toEqual({ number: 6_521_727, hash: table.blockHash })
    for (const netuid of MAINNET_SHAPE_NETUIDS) {
      expect(value('Tempo', netuid)).toBe(subnets.tempo[netuid])
      expect(value('Kappa', netuid)).toBe(subnets.kappa[netuid])
      expect(value('MaxAllowedValidators', netuid)).toBe(subnets.maxAllowedValidators[netuid])
      expect(value('SubnetOwner', netuid)).toBe(subnets.ownerColdkey[netuid])
      expect(value('LastEpochBlock', netuid)).toBe(BigInt(6_521_727 - (subnets.blocksSinceLastStep[netuid] ?? 0)))
      const spot = Number(BigInt(subnets.alphaSqrtPrice[netuid] ?? 0)) ** 2 / 2 ** 128
      const pool = Number(value('SubnetTAO', netuid)) / Number(value('SubnetAlphaIn', netuid))
      expect(pool / spot).toBeCloseTo(1, 6)
    }
    expect(value('NetworksAdded', 129)).toBe(false)
  })

  it('has as many uids as the scale says, at least 8', () => {
    const uids = (state: ForkState) => {
      const of = (netuid: number) => state.storage.get(codec.key(SM, 'SubnetworkN', netuid)) ?? null
      return MAINNET_SHAPE_NETUIDS.map((netuid) => Number(codec.decode(SM, 'SubnetworkN', of(netuid))))
    }
    expect(uids(fork)).toEqual(table.subnets.subnetworkN.slice(1).map((n) => Math.max(8, Math.round(n * SCALE))))
    expect(uids(make(1, 0.000_1))).toEqual(MAINNET_SHAPE_NETUIDS.map(() => 8))
  })

  it('has stakes of few hotkeys and many without much', () => {
    const byHotkey = new Map<unknown, bigint>()
    for (const [key, raw] of fork.storage) {
      if (!key.startsWith(codec.prefix(SM, 'TotalHotkeyAlpha'))) continue
      const [hotkey, netuid] = codec.decodeKey(SM, 'TotalHotkeyAlpha', key)
      if (netuid === 0) continue
      byHotkey.set(hotkey, (byHotkey.get(hotkey) ?? 0n) + (codec.decode(SM, 'TotalHotkeyAlpha', raw) as bigint))
    }
    expect(gini([...byHotkey.values()])).toBeGreaterThan(0.9)
  })
})

describe('mainnet-shape on the reference runtime', () => {
  it('runs the epochs of its first blocks, all subnets beside', async () => {
    const due = MAINNET_SHAPE_NETUIDS.filter((netuid) => (table.subnets.blocksSinceLastStep[netuid] ?? 0) >= 357)
    expect(due.length).toBeGreaterThan(2)
    const arm = await engine.openArm({ name: 'baseline', wasm, storage: fork.storage })
    const plan = { codec, head: fork.header, netuids: due, epochs: 1, mode: 'blocks', feed: { steps: [] } } as const
    const seen: number[] = []
    for await (const record of replayEpochs(arm, plan)) {
      seen.push(record.netuid)
      expect(record.block).toBeLessThan(6_521_732)
      const ledger = readEpoch(codec, record)
      expect(checkConservation({ baseline: ledger, candidate: ledger }).map(({ level }) => level)).not.toContain(
        'error',
      )
      const roles = new Set(ledger.entries.map(({ role }) => role))
      for (const role of ['miner', 'validator', 'nominator', 'owner', 'root'] as const) expect(roles).toContain(role)
    }
    expect(seen.sort((a, b) => a - b)).toEqual(due)
    await arm.close()
  })
})
