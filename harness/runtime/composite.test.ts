import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { exponential, naturalLog } from '../../test/exactPower.js'
import {
  anyRewardCase,
  apportion,
  exampleRewardCase as example,
  expectTrap,
  pools,
  rewardsAfter,
  rewardsByDefinition,
  totalOf,
  type PoolMembers,
  type RewardCase,
} from '../../test/rewardCase.js'
import { loadPrebuilt } from './prebuilt.js'

const { wasm } = loadPrebuilt('patch_module')
/** Exponent 1 and mix 1 as the function takes them. */
const one = 100_000_000
const all = 1_000_000_000

interface Parameters {
  readonly a: number
  readonly b: number
  readonly aMiner: number
  readonly mix: number
}

const inOrder = ({ a, b, aMiner, mix }: Parameters) => [a, b, aMiner, mix]
const run = (each: RewardCase, parameters: Parameters) => rewardsAfter(wasm, 'composite', inOrder(parameters), each)

function redistribute({ amounts, performance, stake, role }: PoolMembers, parameters: Parameters): bigint[] {
  const { b, mix } = parameters
  const a = role === 'miner' ? parameters.aMiner : parameters.a
  const power = (factor: number, exponent: number) => BigInt(exponent) * naturalLog(BigInt(factor))
  const logs = amounts.map((_, row) => {
    const [held, score] = [a === 0 ? 1 : (stake[row] ?? 0), b === 0 ? 1 : (performance[row] ?? 0)]
    return held === 0 || score === 0 ? undefined : (power(held, a) + power(score, b)) / BigInt(one)
  })
  if (logs.every((log) => log === undefined)) return [...amounts]
  const largest = logs.reduce<bigint>((max, log) => (log !== undefined && log > max ? log : max), 0n)
  const total = totalOf(amounts)
  const composite = apportion(
    total,
    logs.map((log) => (log === undefined ? 0n : exponential(log - largest))),
  )
  const mixed = amounts.map((rao, row) => BigInt(all - mix) * rao + BigInt(mix) * (composite[row] ?? 0n))
  return apportion(total, mixed)
}

const anyExponent = fc.oneof(fc.constantFrom(0, one, one / 2, 4 * one), fc.integer({ min: 0, max: 4 * one }))
const anyParameters = fc.record({
  a: anyExponent,
  b: anyExponent,
  aMiner: anyExponent,
  mix: fc.oneof(fc.constantFrom(0, all), fc.integer({ min: 0, max: all })),
})

const distance = (a: bigint, b: bigint) => (a > b ? a - b : b - a)

describe('composite', () => {
  it('is the definition to 2^-57 of an amount and two rao, and keeps the pools to the rao', () => {
    fc.assert(
      fc.property(anyRewardCase, anyParameters, (each, parameters) => {
        const rows = run(each, parameters)
        const expected = rewardsByDefinition(each, (pool) => redistribute(pool, parameters))
        for (const role of ['server', 'validator'] as const) {
          expect(totalOf(rows.map((row) => row[role]))).toBe(totalOf(each.rows.map((row) => row[role])))
          rows.forEach((row, index) => {
            const exact = expected[index]?.[role] ?? 0n
            // A remainder that is nearly another's can earn the unit instead, in each of the two roundings.
            expect(distance(row[role], exact)).toBeLessThanOrEqual((exact >> 57n) + 2n)
          })
        }
      }),
      { numRuns: 120 },
    )
  })

  const plain: Parameters = { a: one, b: one, aMiner: 0, mix: all }

  it('pays validators by stake and ValidatorTrust, miners by Consensus alone', () => {
    expect(run(example, plain).map(({ server, validator }) => [server, validator])).toEqual([
      [50n, 0n],
      [50n, 50n], // 49151 * 20000
      [0n, 50n], // 16384 * 60000
    ])
    const bySquares = run(example, { ...plain, a: 2 * one, b: 0 })
    expect(bySquares.map(({ validator }) => validator)).toEqual([0n, 90n, 10n])
    expect(bySquares.map(({ server }) => server)).toEqual([33n, 33n, 34n]) // all alike: the odd rao goes to uid 0
    const minersByStake = run(example, { ...plain, aMiner: one })
    expect(minersByStake.map(({ server }) => server)).toEqual([0n, 100n, 0n])
  })

  it('changes one pool alone when asked', () => {
    expect(run({ ...example, pool: pools.miner }, plain).map(({ validator }) => validator)).toEqual([0n, 60n, 40n])
    expect(run({ ...example, pool: pools.validator }, plain).map(({ server }) => server)).toEqual([100n, 0n, 0n])
  })

  it('changes nothing at mix 0, where nobody has a product, and in an empty subnet', () => {
    expect(run(example, { ...plain, mix: 0 })).toEqual(example.rows)
    expect(run({ ...example, validatorTrust: [0, 0, 9], consensus: [0, 0, 0] }, plain)).toEqual(example.rows)
    const nobody = {
      rows: [],
      hotkeys: [],
      consensus: [],
      validatorTrust: [],
      stakeWeight: [],
      pool: pools.both,
    }
    expect(run(nobody, plain)).toEqual([])
  })

  it('asks for stake weights only where their exponent is above zero', () => {
    const without = { ...example, stakeWeight: [] }
    expect(run({ ...without, pool: pools.miner }, plain)).toEqual(run({ ...example, pool: pools.miner }, plain))
    expectTrap(wasm, 'composite', inOrder(plain), without)
  })

  it('traps when a parameter is not as assumed', () => {
    const trap = (changed: Partial<Parameters>, pool: number = pools.both) => {
      expectTrap(wasm, 'composite', inOrder({ ...plain, ...changed }), { ...example, pool })
    }
    trap({ a: 4 * one + 1 })
    trap({ b: 4 * one + 1 })
    trap({ aMiner: -1 })
    trap({ mix: all + 1 })
    trap({}, 3)
  })
})
