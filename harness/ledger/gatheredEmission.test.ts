import { expect, it } from '@jest/globals'
import { encodeAddress } from '@polkadot/util-crypto'
import { createHash } from 'node:crypto'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { undivided } from './gatheredEmission.js'
import { readEpoch } from './readEpoch.js'

// Rewards gathered by hotkey, small enough to be added up by hand. The blocks of the real pallet are in test/realLedger.test.ts.

const BLOCK = 9
const SM = 'SubtensorModule'
const NUMBERS = [
  'SubnetworkN',
  'PendingEmission',
  'EmissionValues',
  'SubnetOwnerCut',
  'TotalHotkeyStake',
  'BlocksSinceLastStep',
]
const SUMS = ['PendingdHotkeyEmission', 'PendingdHotkeyEmissionUntouchable', 'LastHotkeyEmissionDrain', 'ChildkeyTake']
const JSONS = ['ParentKeys', 'ChildKeys', 'Emission', 'Incentive', 'ValidatorPermit', 'NetworkRegistrationAllowed']
const ITEMS = [...NUMBERS, ...SUMS, ...JSONS, 'NetworksAdded', 'Keys', 'Owner', 'SubnetOwner']

const names = ['delegate', 'miner', 'child', 'parent', 'stranger', 'boss', 'owner']
const hex = (name: string) => createHash('sha256').update(name).digest('hex')
const address = (name: string) => encodeAddress(Buffer.from(hex(name), 'hex'), 42)
const named = new Map(
  names.flatMap(
    (name) =>
      [
        [address(name), name],
        [undivided(address(name)), `${name}'s, undivided`],
      ] as const,
  ),
)
const prefix = (_pallet: string, item: string): Hex => `0x${hex(item)}`
const netuidKey = (netuid: number) => Buffer.from([netuid & 0xff, netuid >> 8]).toString('hex')
const codec = {
  has: (pallet: string, item: string) => pallet === SM && ITEMS.includes(item),
  prefix,
  key: (_pallet: string, item: string, ...args: readonly unknown[]): Hex =>
    `${prefix(SM, item)}${args.map((arg) => (typeof arg === 'number' ? netuidKey(arg) : hex(named.get(String(arg)) ?? ''))).join('')}`,
  decode: (_pallet: string, item: string, value: Hex | null): unknown =>
    JSONS.includes(item)
      ? value === null
        ? []
        : JSON.parse(Buffer.from(value.slice(2), 'hex').toString())
      : value === null && NUMBERS.concat(SUMS).includes(item)
        ? 0n
        : null,
  decodeKey: (_pallet: string, _item: string, key: Hex) => [encodeAddress(Buffer.from(key.slice(66), 'hex'), 42)],
} as unknown as StorageCodec

const u64 = (rao: number): Hex => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(rao))
  return `0x${bytes.toString('hex')}`
}
const json = (value: unknown): Hex => `0x${Buffer.from(JSON.stringify(value)).toString('hex')}`

/** Of each hotkey: its sum, its owner's part of it, its stake, and the block it was last staked in. */
type Sums = Readonly<Record<string, readonly [sum: number, owners: number, stake?: number, staked?: number]>>

/** Subnet 1 with three uids; half of the child's stake is its parent's, on whose dividends it takes 20 %. */
function stateWith(sums: Sums, pendingRao: number, incentives: readonly number[]): Map<Hex, Hex> {
  const key = (item: string, ...args: readonly (string | number)[]) =>
    codec.key(SM, item, ...args.map((arg) => (typeof arg === 'number' ? arg : address(arg))))
  const state = new Map<Hex, Hex>([
    [key('NetworksAdded', 1), '0x01'],
    [key('NetworkRegistrationAllowed', 1), json(true)],
    [key('SubnetworkN', 1), u64(3)],
    [key('SubnetOwner', 1), `0x${hex('owner')}`],
    [key('SubnetOwnerCut'), u64(11_796)],
    [key('EmissionValues', 1), u64(1_000)],
    [key('PendingEmission', 1), u64(pendingRao)],
    [key('Emission', 1), json([3_000, 4_100, 1_100])],
    [key('Incentive', 1), json(incentives)],
    [key('ValidatorPermit', 1), json([true, false, true])],
    [key('ParentKeys', 'child', 1), json([[1, address('parent')]])],
    [key('ChildKeys', 'parent', 1), json([[1, address('child')]])],
    [key('ChildkeyTake', 'child', 1), u64(13_107)],
    ...['delegate', 'miner', 'child'].map((name, uid) => [key('Keys', 1, uid), `0x${hex(name)}`] as const),
    ...names.map((name) => [key('Owner', name), `0x${hex('boss')}`] as const),
  ])
  for (const [name, [sum, owners, stake = 0, staked = 0]] of Object.entries(sums)) {
    state.set(key('PendingdHotkeyEmission', name), u64(sum))
    state.set(key('PendingdHotkeyEmissionUntouchable', name), u64(owners))
    state.set(key('TotalHotkeyStake', name), u64(stake))
    state.set(key('LastHotkeyEmissionDrain', name), u64(staked))
  }
  return state
}

// 9,000 waited and 1,000 came: the owner's cut is 1,799 (1,799.95). Of the child's 500 as miner and 600 as validator half of the latter is its parent's
// but for a take of 60: it keeps 300 + 60 + 500.
const BEFORE: Sums = { delegate: [70, 20, 5], miner: [100, 100, 1_000], child: [0, 0], parent: [10, 0] }
const AFTER: Sums = { delegate: [3_070, 20, 5], miner: [4_200, 4_200, 1_000], child: [860, 560], parent: [250, 0] }

function read(after: Sums, incentives: readonly number[] = [0, 60_000, 5_000]) {
  const record: EpochRecord = {
    ...{ epoch: 0, netuid: 1, block: BLOCK, pre: stateWith(BEFORE, 9_000, []), post: stateWith(after, 0, incentives) },
    ...{ storageDiff: [], events: null, jumps: [], logs: [], mockedHostFunctions: [] },
  }
  const { entries, totals } = readEpoch(codec, record)
  const told = entries.map(({ hotkey, coldkey, role, uid, alphaRao }) => [
    named.get(hotkey),
    named.get(coldkey),
    role,
    uid,
    Number(alphaRao),
  ])
  return { told: new Set(told), totals }
}

const EXPECTED = new Set([
  ['delegate', "delegate's, undivided", 'validator', 0, 3_000],
  ['miner', 'boss', 'miner', 1, 4_100],
  ['child', 'boss', 'miner', 2, 500],
  ['child', 'boss', 'validator', 2, 60],
  ['child', "child's, undivided", 'validator', 2, 300],
  ['parent', "parent's, undivided", 'validator', undefined, 240],
  ['owner', 'owner', 'owner', undefined, 1_799],
])

it('tells what each hotkey earned, and whose it is as far as that is known', () => {
  const { told, totals } = read(AFTER)
  expect(told).toEqual(EXPECTED)
  expect(totals).toMatchObject([
    { drainedRao: 10_000n, paidRao: 9_999n, unpaidRao: 1n, unownedRao: 0n, creditedRao: 9_999n },
  ])
})

it('counts what was staked in the same block, of a miner and of a hotkey without incentive', () => {
  const staked: Sums = { ...AFTER, miner: [0, 0, 5_200, BLOCK], delegate: [0, 0, 3_075, BLOCK] }
  expect(read(staked).told).toEqual(EXPECTED)
})

it.each([
  ['a sum grew of one who earns nothing', { ...AFTER, stranger: [1, 0] }, undefined, /no subnet that had an epoch/],
  [
    'a child got more than it was computed',
    { ...AFTER, child: [1_860, 560] },
    undefined,
    /cannot be told from its take/,
  ],
  [
    'a miner and validator was staked at once',
    { ...AFTER, delegate: [0, 0, 3_075, BLOCK] },
    [9, 9, 9],
    /as miner and as validator/,
  ],
] as const)('refuses when %s', (_, after, incentives, reason) => {
  expect(() => read(after, incentives)).toThrow(reason)
})
