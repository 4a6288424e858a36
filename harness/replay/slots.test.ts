import { describe, expect, it } from '@jest/globals'
import { TypeRegistry } from '@polkadot/types'
import type { Header } from '@polkadot/types/interfaces'
import { blake2AsHex } from '@polkadot/util-crypto'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { encodeHeader } from './header.js'
import { type Slots, slotDigest, slotInherents, slotsOf } from './slots.js'

const AURA: Slots = { consensus: 'aura', durationMs: 12_000n, headSlot: 5n, babe: undefined }
const RANDOMNESS: Hex = `0x${'07'.repeat(32)}`
const BABE: Slots = {
  consensus: 'babe',
  durationMs: 6_000n,
  headSlot: 5n,
  babe: { authorities: 3, randomness: RANDOMNESS },
}
const PARENT: Hex = `0x${'ab'.repeat(32)}`

function digestOf(slots: Slots, slot: bigint) {
  const header = encodeHeader({ number: 9, parentHash: PARENT, digest: slotDigest(slots, slot) })
  const [log] = new TypeRegistry().createType<Header>('Header', header).digest.logs
  const [engine, data] = log?.asPreRuntime ?? []
  return { engine: engine?.toString(), data: Buffer.from(data?.toU8a(true) ?? []) }
}

describe('a digest', () => {
  it('of Aura carries the slot', () => {
    const { engine, data } = digestOf(AURA, 1n << 40n)
    expect(engine).toBe('aura')
    expect(data.readBigUInt64LE()).toBe(1n << 40n)
  })

  it('of Babe is a secondary plain one of the author whose turn it is', () => {
    const { engine, data } = digestOf(BABE, 77n)
    expect(engine).toBe('BABE')
    expect([data.length, data[0], data.readBigUInt64LE(5)]).toEqual([13, 2, 77n])
    const slot = Buffer.alloc(8)
    slot.writeBigUInt64LE(77n)
    const seed = Buffer.concat([Buffer.alloc(32, 7), slot])
    expect(data.readUInt32LE(1)).toBe(Number(BigInt(blake2AsHex(seed, 256)) % 3n))
  })
})

it('the timestamp is slot times duration', () => {
  const data = Buffer.from(slotInherents(AURA, 100n).slice(2), 'hex')
  expect(data[0]).toBe(2 << 2)
  expect([data.subarray(1, 9).toString(), data.readBigUInt64LE(10)]).toEqual(['auraslot', 100n])
  expect([data.subarray(18, 26).toString(), data.readBigUInt64LE(27)]).toEqual(['timstap0', 1_200_000n])
})

/** A chain with these APIs and this state. */
function chain(apis: readonly string[], state: Readonly<Record<string, unknown>>) {
  const codec = {
    has: (pallet: string, item: string) => `${pallet}.${item}` in state,
    key: (pallet: string, item: string) => `${pallet}.${item}`,
    decode: (_pallet: string, _item: string, value: unknown) => value,
    constant: () => ({ apis: apis.map((name) => [blake2AsHex(name, 64), 1]) }),
  } as unknown as StorageCodec
  const read = (keys: readonly string[]) => Promise.resolve(keys.map((key) => state[key])) as never
  const call = (fn: string) =>
    Promise.resolve({ result: (fn === 'BabeApi_configuration' ? '0x70170000000000000f' : '0xe02e000000000000') as Hex })
  return slotsOf(codec, call, read)
}

describe('the slots of a runtime', () => {
  it('are those of the consensus it declares', async () => {
    expect(await chain([], {})).toBeUndefined()
    expect(await chain(['AuraApi'], { 'Aura.CurrentSlot': 7n, 'Timestamp.Now': 60_000n })).toEqual({
      ...AURA,
      headSlot: 7n,
    })
    // A chain that stood still, or one whose head carries no slot, goes on from its clock.
    expect((await chain(['AuraApi'], { 'Aura.CurrentSlot': 0n, 'Timestamp.Now': 60_000n }))?.headSlot).toBe(5n)
  })

  it("are Babe's once it has authorities", async () => {
    const babe = { 'Babe.CurrentSlot': 5n, 'Babe.Randomness': RANDOMNESS }
    const both = ['AuraApi', 'BabeApi']
    expect(await chain(both, { ...babe, 'Babe.Authorities': [[], [], []] })).toEqual(BABE)
    expect((await chain(both, { ...babe, 'Babe.Authorities': [] }))?.consensus).toBe('aura')
    expect((await chain(['BabeApi'], { ...babe, 'Babe.Authorities': [] }))?.consensus).toBe('babe')
  })
})
