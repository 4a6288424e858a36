import { beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Hex } from './forkState.js'
import { createStorageCodec, type StorageCodec } from './storageCodec.js'
import { identitiesOf, subnetFacts } from './subnetFacts.js'

const coldkey = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const bytes = (text: string) => `0x${Buffer.from(text).toString('hex')}`
const HALF = 500_000_000_000_000_000n

let codec: StorageCodec
beforeAll(() => {
  const path = new URL('fixtures/finney-393.scale.gz', import.meta.url)
  codec = createStorageCodec(`0x${gunzipSync(readFileSync(path)).toString('hex')}`)
})

function state() {
  const storage = new Map<Hex, Hex>()
  return {
    put: (pallet: string, item: string, key: unknown, value: unknown) =>
      storage.set(codec.key(pallet, item, key), codec.encode(pallet, item, value)),
    read: (keys: readonly Hex[]) => Promise.resolve(keys.map((key) => storage.get(key) ?? null)),
  }
}

describe('subnetFacts', () => {
  it('knows the name and the square of the stored root of the price', async () => {
    const { put, read } = state()
    put('SubtensorModule', 'SubnetMechanism', 7, 1)
    put('Swap', 'AlphaSqrtPrice', 7, 1n << 63n)
    const unused = ['github_repo', 'subnet_contact', 'subnet_url', 'discord', 'description', 'logo_url', 'additional']
    const identity = { subnet_name: bytes('Null<script>'), ...Object.fromEntries(unused.map((name) => [name, '0x'])) }
    put('SubtensorModule', 'SubnetIdentitiesV3', 7, identity)
    expect(await subnetFacts(codec, read, [7])).toEqual([
      { netuid: 7, name: 'Null<script>', alphaPriceRao: '250000000' },
    ])
  })

  it('cuts a name that is too long, and takes one that cannot be read for none', async () => {
    const { put, read } = state()
    const unused = ['github_repo', 'subnet_contact', 'subnet_url', 'discord', 'description', 'logo_url', 'additional']
    const identity = {
      subnet_name: bytes('é'.repeat(5_000)),
      ...Object.fromEntries(unused.map((name) => [name, '0x'])),
    }
    put('SubtensorModule', 'SubnetIdentitiesV3', 7, identity)
    expect((await subnetFacts(codec, read, [7]))[0]?.name).toBe('é'.repeat(100))
    const key = codec.key('SubtensorModule', 'SubnetIdentitiesV3', 7)
    const broken = (keys: readonly Hex[]) =>
      Promise.resolve(keys.map((each): Hex | null => (each === key ? '0xff' : null)))
    expect((await subnetFacts(codec, broken, [7]))[0]?.name).toBeNull()
  })

  it('falls back to the item before a migration', async () => {
    const older: StorageCodec = {
      ...codec,
      has: (pallet, item) => item === 'SubnetIdentitiesV2' || codec.has(pallet, item),
      key: (pallet, item, ...args) => (item === 'SubnetIdentitiesV2' ? '0x02' : codec.key(pallet, item, ...args)),
      decode: (pallet, item, value) =>
        item === 'SubnetIdentitiesV2' ? { subnet_name: bytes('old') } : codec.decode(pallet, item, value),
    }
    const read = (keys: readonly Hex[]) =>
      Promise.resolve(keys.map((each): Hex | null => (each === '0x02' ? '0x' : null)))
    expect((await subnetFacts(older, read, [7]))[0]?.name).toBe('old')
  })

  it('takes the reserves where no root is stored', async () => {
    const { put, read } = state()
    put('SubtensorModule', 'SubnetMechanism', 7, 1)
    put('SubtensorModule', 'SubnetTAO', 7, 1n)
    put('SubtensorModule', 'SubnetAlphaIn', 7, 3n)
    expect(await subnetFacts(codec, read, [7])).toMatchObject([{ alphaPriceRao: '333333333' }])
  })

  it('weighs the reserves where the runtime keeps weights', async () => {
    const { put, read } = state()
    put('SubtensorModule', 'SubnetMechanism', 7, 1)
    put('SubtensorModule', 'SubnetTAO', 7, 10n)
    put('SubtensorModule', 'SubnetAlphaIn', 7, 100n)
    const weighted = (quote: bigint): StorageCodec => ({
      ...codec,
      has: (pallet, item) => item === 'SwapBalancer' || codec.has(pallet, item),
      key: (pallet, item, ...args) => (item === 'SwapBalancer' ? '0x00' : codec.key(pallet, item, ...args)),
      decode: (pallet, item, value) => (item === 'SwapBalancer' ? { quote } : codec.decode(pallet, item, value)),
    })
    expect(await subnetFacts(weighted(HALF), read, [7])).toMatchObject([{ alphaPriceRao: '100000000' }])
    expect(await subnetFacts(weighted(HALF / 2n), read, [7])).toMatchObject([{ alphaPriceRao: '300000000' }])
  })

  it('gives no price without a pool, and no name where there is none', async () => {
    const { put, read } = state()
    put('SubtensorModule', 'SubnetMechanism', 8, 1)
    const nothing = { name: null, alphaPriceRao: null }
    expect(await subnetFacts(codec, read, [7, 8])).toEqual([
      { netuid: 7, ...nothing },
      { netuid: 8, ...nothing },
    ])
  })
})

describe('identitiesOf', () => {
  it('lists those that have a name', async () => {
    const { put, read } = state()
    const unused = ['url', 'github_repo', 'image', 'discord', 'description', 'additional']
    put('SubtensorModule', 'IdentitiesV2', coldkey, {
      name: bytes('Validator \u202e Inc'),
      ...Object.fromEntries(unused.map((name) => [name, '0x'])),
    })
    const other = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty'
    expect(await identitiesOf(codec, read, [coldkey, other])).toEqual({ [coldkey]: 'Validator \u202e Inc' })
  })

  it('is empty for a runtime that keeps none', async () => {
    const { read } = state()
    expect(await identitiesOf({ ...codec, has: () => false }, read, [coldkey])).toEqual({})
  })
})
