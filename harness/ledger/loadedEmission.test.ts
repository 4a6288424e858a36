import { expect, it } from '@jest/globals'
import { encodeAddress } from '@polkadot/util-crypto'
import { createHash } from 'node:crypto'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { readEpoch } from './readEpoch.js'

// A chain before dynamic TAO, small enough to be paid by hand. The blocks of the real one are in test/realLedger.test.ts.

const SM = 'SubtensorModule'
const NUMBERS = ['SubnetworkN', 'Tempo', 'PendingEmission', 'EmissionValues', 'SubnetOwnerCut', 'Delegates', 'Stake']
const ITEMS = [...NUMBERS, 'TotalHotkeyStake', 'NetworksAdded', 'Keys', 'Owner', 'SubnetOwner', 'LoadedEmission']

const text = (value: unknown): Hex => `0x${Buffer.from(JSON.stringify(value)).toString('hex')}`
const u64 = (rao: bigint | number): Hex => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(rao))
  return `0x${bytes.toString('hex')}`
}
const netuidKey = (netuid: number) => Buffer.from([netuid & 0xff, netuid >> 8]).toString('hex')
const address = (name: string) => encodeAddress(createHash('sha256').update(name).digest(), 42)
const hex = (name: string) => createHash('sha256').update(name).digest('hex')

const names = ['boss', 'ann', 'ben', 'delegate', 'plain', 'owner', 'zoe']
const named = new Map(names.map((name) => [address(name), name]))

const prefix = (_pallet: string, item: string): Hex => `0x${createHash('sha256').update(item).digest('hex')}`
const codec = {
  has: (pallet: string, item: string) => pallet === SM && ITEMS.includes(item),
  prefix,
  key: (pallet: string, item: string, ...args: readonly unknown[]): Hex =>
    `${prefix(pallet, item)}${args.map((arg) => (typeof arg === 'number' ? netuidKey(arg) : hex(named.get(String(arg)) ?? ''))).join('')}`,
  decode: (_pallet: string, item: string, value: Hex | null): unknown => {
    if (item === 'LoadedEmission') {
      const loaded =
        value === null ? [] : (JSON.parse(Buffer.from(value.slice(2), 'hex').toString()) as [string, string, string][])
      return loaded.map(([hotkey, miner, validator]) => [hotkey, BigInt(miner), BigInt(validator)])
    }
    return value === null && !['Owner', 'SubnetOwner', 'Keys'].includes(item) ? 0n : null
  },
  decodeKey: (_pallet: string, _item: string, key: Hex) =>
    [key.slice(66, 130), key.slice(130)].map((id) => encodeAddress(Buffer.from(id, 'hex'), 42)),
} as unknown as StorageCodec

type Loaded = readonly (readonly [hotkey: string, minerRao: string, validatorRao: string])[]
const account = (name: string): Hex => `0x${hex(name)}`
const stakeKey = (hotkey: string, coldkey: string) => codec.key(SM, 'Stake', address(hotkey), address(coldkey))

/** Subnets 1 and 256, the latter first in the order of the keys' bytes; a delegate with two nominators, a hotkey that is none. */
function stateWith(loaded: Readonly<Record<number, Loaded>>, pendingRao: bigint): Map<Hex, Hex> {
  const state = new Map<Hex, Hex>([
    [codec.key(SM, 'NetworksAdded', 1), '0x01'],
    [codec.key(SM, 'NetworksAdded', 256), '0x01'],
    [codec.key(SM, 'SubnetworkN', 1), u64(2)],
    [codec.key(SM, 'Keys', 1, 0), account('delegate')],
    [codec.key(SM, 'Keys', 1, 1), account('plain')],
    [codec.key(SM, 'Owner', address('delegate')), account('boss')],
    [codec.key(SM, 'Owner', address('plain')), account('zoe')],
    // 18 %, rounded down: 11,796 / 65,535
    [codec.key(SM, 'Delegates', address('delegate')), u64(11_796)],
    [codec.key(SM, 'SubnetOwner', 1), account('owner')],
    [codec.key(SM, 'SubnetOwnerCut'), u64(11_796)],
    [codec.key(SM, 'EmissionValues', 1), u64(1_000)],
    [codec.key(SM, 'PendingEmission', 1), u64(pendingRao)],
    [stakeKey('delegate', 'boss'), u64(500)],
    [stakeKey('delegate', 'ann'), u64(300)],
    [stakeKey('delegate', 'ben'), u64(200)],
  ])
  for (const [netuid, emissions] of Object.entries(loaded)) {
    const named = emissions.map(([hotkey, ...rao]) => [address(hotkey), ...rao])
    state.set(codec.key(SM, 'LoadedEmission', Number(netuid)), text(named))
  }
  return state
}

function record(loaded: Readonly<Record<number, Loaded>>, stakes: Readonly<Record<string, bigint>>): EpochRecord {
  const post = stateWith(loaded, 0n)
  const settled = new Map(post)
  for (const [pair, rao] of Object.entries(stakes)) {
    const [hotkey = '', coldkey = ''] = pair.split(' ')
    settled.set(stakeKey(hotkey, coldkey), u64(rao))
  }
  return {
    ...{ epoch: 0, netuid: 1, block: 9, pre: stateWith({}, 9_180n), post, settled, emissions: new Map([[1_000n, 3]]) },
    ...{ storageDiff: [], events: null, jumps: [], logs: [], mockedHostFunctions: [] },
  }
}

const LOADED: Loaded = [
  ['delegate', '400', '5000'],
  ['plain', '4000', '600'],
]
// Take 899 of 5,000 (899.97); 4,101 by 500 : 300 : 200 are 2,050, 1,230 and 820, 1 left over.
const PAID = {
  'delegate boss': 500n + 899n + 2_050n + 1n + 400n,
  'delegate ann': 1_530n,
  'delegate ben': 1_020n,
  'plain zoe': 4_600n,
}

it('divides what was loaded as the next block pays it, and adds the owner’s cut of every block', () => {
  const { entries, totals } = readEpoch(codec, record({ 1: LOADED }, PAID))
  const told = entries.map(({ hotkey, coldkey, role, uid, alphaRao }) => [
    named.get(hotkey),
    named.get(coldkey),
    role,
    uid,
    alphaRao,
  ])
  expect(new Set(told)).toEqual(
    new Set([
      ['delegate', 'boss', 'validator', 0, 2_950n],
      ['delegate', 'ann', 'nominator', 0, 1_230n],
      ['delegate', 'ben', 'nominator', 0, 820n],
      ['delegate', 'boss', 'miner', 0, 400n],
      ['plain', 'zoe', 'validator', 1, 600n],
      ['plain', 'zoe', 'miner', 1, 4_000n],
      ['owner', 'owner', 'owner', undefined, 3n * 179n],
    ]),
  )
  // 9,180 waited, the epoch's block added 820 (820.005…); 10,000 were loaded.
  expect(totals).toMatchObject([
    { drainedRao: 10_537n, paidRao: 10_537n, unpaidRao: 0n, unownedRao: 0n, creditedRao: 10_537n },
  ])
})

it('pays subnets in the order of their keys, each by the stakes that the one before left', () => {
  const first: Loaded = [['delegate', '0', '2000']]
  // Subnet 256 first: take 359; 1,641 are 820, 492 and 328, 1 left over: boss has 500 + 359 + 820 + 1 = 1,680 of 3,000.
  // Then 4,101 of 3,000: 2,296 (1,680), 1,082 (792), 721 (528), 2 left over.
  const paid = {
    ...PAID,
    'delegate boss': 1_680n + 899n + 2_296n + 2n + 400n,
    'delegate ann': 792n + 1_082n,
    'delegate ben': 528n + 721n,
  }
  const { entries } = readEpoch(codec, record({ 1: LOADED, 256: first }, paid))
  const nominators = entries
    .filter(({ role }) => role === 'nominator')
    .map(({ coldkey, alphaRao }) => [named.get(coldkey), alphaRao])
  expect(nominators).toEqual([
    ['ann', 1_082n],
    ['ben', 721n],
  ])
})

it.each([
  ['too little', { ...PAID, 'delegate ben': 1_019n }],
  ['somebody else, too', { ...PAID, 'plain ann': 1n }],
])('refuses when the next block paid %s', (_, stakes) => {
  expect(() => readEpoch(codec, record({ 1: LOADED }, stakes))).toThrow(/E511/)
})
