import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Engine } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import type { Hex } from '../fork/forkState.js'
import { createStorageCodec, type StorageCodec } from '../fork/storageCodec.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import { rebaseBlocks } from './blockNumbers.js'

let engine: Engine
let codec: StorageCodec
beforeAll(async () => {
  engine = await openEngine('native')
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
})
afterAll(() => engine.close())

const pallet = 'SubtensorModule'
const HEAD = 1_000
const block = fc.integer({ min: 0, max: 12 }).map((back) => BigInt(HEAD - back))

function stateOf(items: readonly (readonly [item: string, args: readonly unknown[], value: unknown])[]): Map<Hex, Hex> {
  return new Map(
    items.map(([item, args, value]) => [codec.key(pallet, item, ...args), codec.encode(pallet, item, value)]),
  )
}

it('weights that an epoch leaves out for their age stay out, all others stay in', () => {
  const uids = 5
  const rows = fc.array(block, { minLength: uids, maxLength: uids })
  fc.assert(
    fc.property(rows, rows, rows, (registered, updated, ofOtherMechanism) => {
      const state = stateOf([
        ...registered.map((at, uid) => ['BlockAtRegistration', [7, uid], at] as const),
        ['LastUpdate', [7], updated],
        ['LastUpdate', [7 + 4096], ofOtherMechanism],
      ])
      const after = new Map([...state, ...rebaseBlocks(codec, state, HEAD).writes])
      const read = (item: string, ...args: unknown[]) =>
        codec.decode(pallet, item, after.get(codec.key(pallet, item, ...args)) ?? null)
      const outdated = (rowsOf: readonly bigint[], columns: readonly bigint[]) =>
        rowsOf.map((row) => columns.map((column) => row <= column))
      const registrations = registered.map((_, uid) => read('BlockAtRegistration', 7, uid) as bigint)
      for (const [index, before] of [
        [7, updated],
        [7 + 4096, ofOtherMechanism],
      ] as const) {
        expect(outdated(read('LastUpdate', index) as bigint[], registrations)).toEqual(outdated(before, registered))
      }
      expect(registrations.every((level) => level <= BigInt(uids))).toBe(true)
    }),
    { numRuns: 200 },
  )
})

it('past blocks become 0, and 1 where 0 says "none"; what lies ahead stays as far ahead', () => {
  const state = stateOf([
    ['LastEpochBlock', [1], 990n],
    ['FirstEmissionBlockNumber', [1], 5n],
    ['NetworkRegisteredAt', [1], 1_005n],
    ['PendingEpochAt', [1], 999n],
    ['PendingEpochAt', [2], 0n],
    ['PendingEpochAt', [3], 1_004n],
    ['BlocksSinceLastStep', [1], 10n],
  ])
  const { writes, items } = rebaseBlocks(codec, state, HEAD)
  const after = new Map([...state, ...writes])
  const read = (item: string, netuid: number) =>
    codec.decode(pallet, item, after.get(codec.key(pallet, item, netuid)) ?? null)
  expect(['LastEpochBlock', 'FirstEmissionBlockNumber', 'NetworkRegisteredAt'].map((item) => read(item, 1))).toEqual([
    0n,
    0n,
    5n,
  ])
  expect([1, 2, 3].map((netuid) => read('PendingEpochAt', netuid))).toEqual([1n, 0n, 4n])
  expect(read('BlocksSinceLastStep', 1)).toBe(10n)
  expect(items).toEqual(['LastEpochBlock', 'FirstEmissionBlockNumber', 'NetworkRegisteredAt', 'PendingEpochAt'])
})
