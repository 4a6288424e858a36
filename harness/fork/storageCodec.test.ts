import { beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expandMetadata, Metadata, TypeRegistry } from '@polkadot/types'
import type { Hex } from './forkState.js'
import { createStorageCodec, type StorageCodec } from './storageCodec.js'

const SM = 'SubtensorModule'
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const ALICE_HEX = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty'

const raw = gunzipSync(readFileSync(new URL('./fixtures/finney-393.scale.gz', import.meta.url)))
const metadata: Hex = `0x${raw.toString('hex')}`

let codec: StorageCodec
beforeAll(() => {
  codec = createStorageCodec(metadata)
})

/** The same metadata as an older runtime gives it. */
function downTo(version: 14 | 15): Hex {
  const registry = new TypeRegistry()
  const latest = new Metadata(registry, metadata).asLatest
  const pallets = latest.pallets.map((pallet) => {
    const json = pallet.toJSON()
    const bare = (type: number | null | undefined) => (type === null || type === undefined ? null : { type })
    const typed = (of: unknown) => bare((of as { type?: number } | null)?.type)
    return {
      ...json,
      calls: typed(json['calls']),
      event: typed(json['events'] ?? json['event']),
      error: typed(json['errors'] ?? json['error']),
    }
  })
  const common = { lookup: latest.lookup.toJSON(), pallets }
  const empty = { version: 4, addressType: 0, callType: 0, signatureType: 0, extraType: 0, signedExtensions: [] }
  const body =
    version === 14
      ? { ...common, extrinsic: { type: 0, version: 4, signedExtensions: [] }, type: 0 }
      : { ...common, extrinsic: empty, type: 0, apis: [], outerEnums: {}, custom: {} }
  const encoded = registry.createType(`MetadataV${version}`, body).toU8a()
  return `0x6d657461${version.toString(16).padStart(2, '0')}${Buffer.from(encoded).toString('hex')}`
}

describe('keys', () => {
  it('are twox128(pallet), twox128(item), then the hashed arguments', () => {
    expect(codec.key('System', 'Number')).toBe('0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac')
    // Identity(netuid) ++ Identity(uid)
    expect(codec.key(SM, 'Weights', 31, 7)).toBe(`${codec.prefix(SM, 'Weights')}1f000700`)
    expect(codec.prefix(SM, 'Weights', 31)).toBe(`${codec.prefix(SM, 'Weights')}1f00`)
    // Blake2_128Concat of the account, well known from System.Account
    expect(codec.key('System', 'Account', ALICE)).toBe(
      '0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9de1e86a9a8c739864cf3cc5ec2bea59fd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d',
    )
  })

  it('equal those of the @polkadot/types decorators', () => {
    const registry = new TypeRegistry()
    const decorated = new Metadata(registry, metadata)
    registry.setMetadata(decorated)
    const { query } = expandMetadata(registry, decorated)
    const theirs = (section: string, method: string, args: unknown[]) => {
      const entry = query[section]?.[method]
      if (entry === undefined) throw new Error(`${section}.${method}`)
      // A key function prefixes what it returns with its length.
      return `0x${Buffer.from(registry.createType('Bytes', entry(...args)).toU8a(true)).toString('hex')}`
    }
    expect(codec.key(SM, 'Alpha', ALICE, BOB, 31)).toBe(theirs('subtensorModule', 'alpha', [ALICE, BOB, 31]))
    expect(codec.key(SM, 'Uids', 31, BOB)).toBe(theirs('subtensorModule', 'uids', [31, BOB]))
    expect(codec.key(SM, 'Yuma3On', 31)).toBe(theirs('subtensorModule', 'yuma3On', [31]))
    expect(codec.key('Swap', 'FeeRate', 31)).toBe(theirs('swap', 'feeRate', [31]))
  })

  it('decode to their arguments', () => {
    expect(codec.decodeKey(SM, 'Alpha', codec.key(SM, 'Alpha', ALICE_HEX, BOB, 31))).toEqual([ALICE, BOB, 31])
    expect(codec.decodeKey('Swap', 'FeeRate', codec.key('Swap', 'FeeRate', 31))).toEqual([31])
    expect(codec.decodeKey(SM, 'TotalIssuance', codec.key(SM, 'TotalIssuance'))).toEqual([])
  })

  it('that belong to another item or are cut short are refused', () => {
    expect(() => codec.decodeKey(SM, 'Tempo', codec.key(SM, 'Kappa', 31))).toThrow(/E203.*Tempo/)
    expect(() => codec.decodeKey(SM, 'Tempo', codec.prefix(SM, 'Tempo'))).toThrow(/E203/)
    expect(() => codec.decodeKey(SM, 'Tempo', `${codec.key(SM, 'Tempo', 31)}00`)).toThrow(/E203/)
  })

  it('refuse the wrong number of arguments', () => {
    expect(() => codec.key(SM, 'Weights', 31)).toThrow(/2 keys, 1/)
    expect(() => codec.prefix(SM, 'Weights', 31, 7, 1)).toThrow(TypeError)
  })

  it('come quickly for thousands of accounts', () => {
    const accounts = Array.from({ length: 256 }, (_, uid) => `0x${uid.toString(16).padStart(64, '0')}`)
    const round = () =>
      accounts.forEach((account) => ['Owner', 'Delegates'].forEach((item) => codec.key(SM, item, account)))
    round()
    const from = performance.now()
    for (let epoch = 0; epoch < 100; epoch += 1) round()
    expect(performance.now() - from).toBeLessThan(5_000)
  })
})

describe('values', () => {
  const cases: [pallet: string, item: string, plain: unknown, encoded: Hex][] = [
    [SM, 'Tempo', 360, '0x6801'],
    [SM, 'TotalIssuance', 21_000_000_000_000_000n, '0x00804884639b4a00'],
    [SM, 'Yuma3On', true, '0x01'],
    [SM, 'Owner', ALICE, ALICE_HEX],
    [SM, 'ValidatorPermit', [true, false], '0x080100'],
    [SM, 'LastUpdate', [1n, 2n ** 63n], '0x0801000000000000000000000000000080'],
    [SM, 'Weights', [[3, 65_535]], '0x040300ffff'],
    [SM, 'AlphaValues', [45_875, 58_982], '0x33b366e6'],
    [SM, 'SubnetMovingPrice', -(2n ** 32n), '0x00000000ffffffffffffffffffffffff'],
    [SM, 'ChildKeys', [[2n ** 64n - 1n, ALICE]], `0x04ffffffffffffffff${ALICE_HEX.slice(2)}`],
    [SM, 'MechanismEmissionSplit', [32_767, 32_768], '0x08ff7f0080'],
    [SM, 'RecycleOrBurn', 'Recycle', '0x01'],
    [SM, 'RootClaimType', { KeepSubnets: { subnets: [1, 31] } }, '0x020801001f00'],
    [SM, 'AlphaSigmoidSteepness', -1000, '0x18fc'],
    ['System', 'ParentHash', ALICE_HEX, ALICE_HEX],
    ['System', 'LastRuntimeUpgrade', { spec_version: 425n, spec_name: 'ab' }, '0xa506086162'],
  ]

  it.each(cases)('%s.%s', (pallet, item, plain, encoded) => {
    expect(codec.encode(pallet, item, plain)).toBe(encoded)
    expect(codec.decode(pallet, item, encoded)).toEqual(plain)
  })

  it('that are absent read as the default, or null where absence is meaningful', () => {
    expect(codec.decode(SM, 'Kappa', null)).toBe(32_767)
    expect(codec.decode(SM, 'BondsMovingAverage', null)).toBe(900_000n)
    expect(codec.decode(SM, 'Weights', null)).toEqual([])
    expect(codec.decode(SM, 'FirstEmissionBlockNumber', null)).toBeNull()
  })

  it('that do not fill their type exactly are refused', () => {
    expect(() => codec.decode(SM, 'Tempo', '0x68')).toThrow(/E203.*Tempo/)
    expect(() => codec.decode(SM, 'Tempo', '0x680100')).toThrow(/E203.*1 bytes are left over/)
    expect(() => codec.decode(SM, 'Yuma3On', '0x02')).toThrow(/E203/)
    expect(() => codec.decode(SM, 'Weights', '0xfeffffff')).toThrow(/E203.*sequence/)
    expect(() => codec.encode(SM, 'Tempo', 65_536)).toThrow(/65536 does not fit u16/)
    expect(() => codec.encode(SM, 'Tempo', -1)).toThrow(RangeError)
    expect(() => codec.encode(SM, 'Tempo', 1.5)).toThrow(TypeError)
    expect(() => codec.encode(SM, 'Tempo', 'one')).toThrow(TypeError)
    expect(() => codec.encode(SM, 'Owner', '0x00')).toThrow(TypeError)
    expect(() => codec.encode(SM, 'RecycleOrBurn', 'Keep')).toThrow(TypeError)
  })
})

describe('constants', () => {
  it('are decoded', () => {
    expect(codec.constant('System', 'Version')).toMatchObject({ spec_name: 'node-subtensor', spec_version: 393 })
    expect(() => codec.constant('System', 'Verison')).toThrow(/E204.*System\.Verison/)
  })
})

describe('metadata', () => {
  it('knows its items', () => {
    expect(codec.has(SM, 'Weights')).toBe(true)
    expect(codec.has(SM, 'Wights')).toBe(false)
    expect(() => codec.key(SM, 'Wights')).toThrow(/E202.*SubtensorModule\.Wights/)
  })

  it('is taken with its length in front, as a runtime call returns it', () => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(raw.length * 4 + 2)
    const same = createStorageCodec(`0x${length.toString('hex')}${raw.toString('hex')}`)
    expect(same.key(SM, 'Weights', 31, 7)).toBe(codec.key(SM, 'Weights', 31, 7))
  })

  it.each([14, 15] as const)('of version %i gives the same keys and values', (version) => {
    const older = createStorageCodec(downTo(version))
    expect(older.key(SM, 'Alpha', ALICE, BOB, 31)).toBe(codec.key(SM, 'Alpha', ALICE, BOB, 31))
    expect(older.encode(SM, 'Weights', [[3, 65_535]])).toBe('0x040300ffff')
    expect(older.decode(SM, 'Kappa', null)).toBe(32_767)
  })

  it('that is damaged is one clear error', () => {
    expect(() => createStorageCodec(`0x${raw.subarray(0, 1000).toString('hex')}`)).toThrow(/E201/)
    expect(() => createStorageCodec('0x6d6574610c')).toThrow(/E201/)
    expect(() => createStorageCodec('0x')).toThrow(/E201/)
  })
})

describe('what a person writes', () => {
  const encode = (value: unknown, [pallet, item] = ['System', 'Account']) =>
    codec.encode(pallet ?? '', item ?? '', value)

  it('is found by key, and counted', () => {
    expect(codec.items()).toContain('SubtensorModule.Kappa')
    expect(codec.keyCount(SM, 'Kappa')).toBe(1)
    expect(codec.keyCount(SM, 'Weights')).toBe(2)
    expect(codec.keyCount('System', 'Number')).toBe(0)
    expect(codec.itemOf(codec.key(SM, 'Weights', 31, 7))).toEqual({ pallet: SM, item: 'Weights' })
    expect(codec.itemOf('0x3a636f6465')).toBeUndefined()
  })

  it('may be decimal digits where JSON would lose them', () => {
    expect(encode('18446744073709551615', [SM, 'TaoWeight'])).toBe(`0x${'ff'.repeat(8)}`)
    expect(() => encode('18446744073709551616', [SM, 'TaoWeight'])).toThrow(/does not fit u64/)
    expect(() => encode(2 ** 64, [SM, 'TaoWeight'])).toThrow(/write it in quotes/)
    expect(() => encode('0x10', [SM, 'TaoWeight'])).toThrow(TypeError)
    expect(() => encode(1.5, [SM, 'TaoWeight'])).toThrow(TypeError)
  })

  it('is refused with the field that does not fit', () => {
    const data = { free: 1n, reserved: 0n, frozen: 0n, flags: 0n }
    const account = { nonce: 0, consumers: 0, providers: 1, sufficients: 0, data }
    expect(codec.decode('System', 'Account', encode(account))).toEqual(account)
    expect(() => encode({ ...account, data: { ...data, free: -1n } })).toThrow('data: free: -1 does not fit u64')
    expect(() => encode({ ...account, data: { ...data, fre: 1n } })).toThrow(
      'data: there is no field "fre", did you mean "free"?',
    )
    expect(() => encode({ ...account, nonce: 'x' })).toThrow('nonce: "x" is no u32')
    expect(() => codec.key('System', 'Account', `${ALICE}x`)).toThrow(/is no account \(SS58/)
  })
})
