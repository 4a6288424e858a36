import { expect } from '@jest/globals'
import fc from 'fast-check'
import {
  openHost,
  readRewards,
  rewardBytes,
  scaleVector,
  subtensorKey,
  writeVecHeader,
  type RewardRow,
  type WasmHost,
} from './wasmHost.js'

/** A function of the patch module at the hook `epoch_rewards`, what it finds, and its arguments. */
export interface RewardCase {
  /** In the order of the result, which need not be the order of the uids. */
  readonly rows: readonly RewardRow[]
  /** By uid, as the vectors below. */
  readonly hotkeys: readonly number[]
  readonly consensus: readonly number[]
  readonly validatorTrust: readonly number[]
  readonly stakeWeight: readonly number[]
  readonly pool: number
}

export const pools = { both: 0, miner: 1, validator: 2 } as const
/** Where the result's header is. */
export const rewardResult = 4096
export const rewardNetuid = 258

function openRewards(wasm: Uint8Array, rewardCase: RewardCase): { host: WasmHost; pointer: number } {
  const { rows, hotkeys, consensus, validatorTrust, stakeWeight } = rewardCase
  const host = openHost(wasm)
  const key = (item: string, ...uid: number[]) => subtensorKey(item, rewardNetuid, ...uid)
  host.storage.set(key('SubnetworkN'), Uint8Array.of(hotkeys.length & 0xff, hotkeys.length >> 8))
  hotkeys.forEach((hotkey, uid) => host.storage.set(key('Keys', uid), new Uint8Array(32).fill(hotkey)))
  host.storage.set(key('Consensus'), scaleVector(consensus, 2))
  host.storage.set(key('ValidatorTrust'), scaleVector(validatorTrust, 2))
  host.storage.set(key('StakeWeight'), scaleVector(stakeWeight, 2))
  const pointer = host.place(rewardBytes(rows))
  writeVecHeader(host, rewardResult, pointer, rows.length)
  return { host, pointer }
}

/** Number of the layout of 48-byte rows. */
const rowsLayout = 0

/** @param args what the function takes after the hook's parameters and before the pool */
function callRewards(host: WasmHost, name: string, args: readonly number[], pool: number): void {
  host.call(name, rewardResult, rewardNetuid, 123_456n, rowsLayout, ...args, pool)
}

/** The rows after the call. */
export function rewardsAfter(wasm: Uint8Array, name: string, args: readonly number[], each: RewardCase): RewardRow[] {
  const { host, pointer } = openRewards(wasm, each)
  callRewards(host, name, args, each.pool)
  expect(host.live.size).toBe(0)
  return readRewards(host, pointer, each.rows.length)
}

/** The call must trap, after the host was spoilt. */
export function expectTrap(
  wasm: Uint8Array,
  name: string,
  args: readonly number[],
  each: RewardCase,
  spoil: (host: WasmHost) => void = () => undefined,
): void {
  const { host } = openRewards(wasm, each)
  spoil(host)
  expect(() => {
    callRewards(host, name, args, each.pool)
  }).toThrow(/unreachable/)
}

/** Amounts, performance and stake weight of a pool's members in the order of the rows. */
export interface PoolMembers {
  readonly amounts: readonly bigint[]
  readonly performance: readonly number[]
  readonly stake: readonly number[]
  readonly role: 'miner' | 'validator'
}

/** The rows as a definition of what happens inside a pool makes them; its members are the uids in order. */
export function rewardsByDefinition(each: RewardCase, definition: (pool: PoolMembers) => bigint[]): RewardRow[] {
  const { rows, hotkeys, consensus, validatorTrust, stakeWeight, pool } = each
  const byUid = (amount: (row: RewardRow) => bigint) =>
    hotkeys.map((hotkey) => rows.filter((row) => row.hotkey === hotkey).map(amount)[0] ?? 0n)
  const amounts = { miner: byUid(({ server }) => server), validator: byUid(({ validator }) => validator) }
  const after = (role: 'miner' | 'validator') => {
    if (pool !== pools.both && pool !== pools[role]) return amounts[role]
    const performance = role === 'miner' ? consensus : validatorTrust
    return definition({ amounts: amounts[role], performance, stake: stakeWeight, role })
  }
  const [server, validator] = [after('miner'), after('validator')]
  return rows.map(({ hotkey }) => {
    const uid = hotkeys.indexOf(hotkey)
    return { hotkey, server: server[uid] ?? 0n, validator: validator[uid] ?? 0n }
  })
}

/** Rao in proportion to weights by the largest remainder, with a sort; ties go to the first. */
export function apportion(totalRao: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n)
  if (sum === 0n) return weights.map(() => 0n)
  const exact = weights.map((weight) => totalRao * weight)
  const paid = exact.map((numerator) => numerator / sum)
  const left = totalRao - paid.reduce((total, amount) => total + amount, 0n)
  const byRemainder = exact
    .map((numerator, row) => ({ row, remainder: numerator % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.row - b.row : a.remainder > b.remainder ? -1 : 1))
  const up = new Set(byRemainder.slice(0, Number(left)).map(({ row }) => row))
  return paid.map((amount, row) => amount + (up.has(row) ? 1n : 0n))
}

export const totalOf = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)

const amount = fc.oneof(fc.constant(0n), fc.bigInt(0n, 9n), fc.bigInt(0n, (1n << 64n) / 100n))
const score = fc.oneof(fc.constant(0), fc.constant(65_535), fc.integer({ min: 0, max: 65_535 }))

/** Cases of up to 70 uids, the rows in any order. */
export const anyRewardCase: fc.Arbitrary<RewardCase> = fc
  .uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 70 })
  .chain((hotkeys) => {
    const scores = fc.array(score, { minLength: hotkeys.length, maxLength: hotkeys.length })
    return fc.record({
      rows: fc
        .shuffledSubarray(hotkeys, { minLength: hotkeys.length })
        .chain((order) =>
          fc.tuple(
            ...order.map((hotkey) => fc.record({ hotkey: fc.constant(hotkey), server: amount, validator: amount })),
          ),
        ),
      hotkeys: fc.constant(hotkeys),
      consensus: scores,
      validatorTrust: scores,
      stakeWeight: scores,
      pool: fc.constantFrom(...Object.values(pools)),
    })
  })

/** Three hotkeys: 7 a miner of uid 2, 8 and 9 validators of uids 1 and 0. */
export const exampleRewardCase: RewardCase = {
  rows: [
    { hotkey: 7, server: 100n, validator: 0n },
    { hotkey: 8, server: 0n, validator: 60n },
    { hotkey: 9, server: 0n, validator: 40n },
  ],
  hotkeys: [9, 8, 7],
  consensus: [0, 65_535, 65_535],
  validatorTrust: [60_000, 20_000, 0],
  stakeWeight: [16_384, 49_151, 0],
  pool: pools.both,
}
