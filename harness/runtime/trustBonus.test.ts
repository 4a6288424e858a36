import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
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
/** beta 1 as the function takes it. */
const one = 100_000_000

const run = (each: RewardCase, beta: number) => rewardsAfter(wasm, 'trust_bonus', [beta], each)

/** r_i (1 + beta trust_i), over a common denominator. */
function redistribute({ amounts, performance }: PoolMembers, beta: number): bigint[] {
  const weight = (rao: bigint, row: number) =>
    rao * (65_535n * BigInt(one) + BigInt(beta) * BigInt(performance[row] ?? 0))
  return apportion(totalOf(amounts), amounts.map(weight))
}

describe('trust_bonus', () => {
  it('equals the definition, whatever the order of the rows', () => {
    const anyBeta = fc.oneof(fc.constantFrom(0, one, 10 * one), fc.integer({ min: 0, max: 10 * one }))
    fc.assert(
      fc.property(anyRewardCase, anyBeta, (each, beta) => {
        expect(run(each, beta)).toEqual(rewardsByDefinition(each, (pool) => redistribute(pool, beta)))
      }),
      { numRuns: 200 },
    )
  })

  it('pays miners by Consensus and validators by ValidatorTrust, those alone who are paid today', () => {
    const rows = [
      { hotkey: 7, server: 50n, validator: 0n },
      { hotkey: 8, server: 0n, validator: 60n },
      { hotkey: 9, server: 50n, validator: 40n },
    ]
    const of = (pool: number) =>
      run({ ...example, rows, validatorTrust: [65_535, 0, 0], pool }, one).map(({ server, validator }) => [
        server,
        validator,
      ])
    expect(of(pools.both)).toEqual([
      [67n, 0n], // 50 twice, 50 once
      [0n, 43n], // 60 once
      [33n, 57n], // 40 twice
    ])
    expect(of(pools.miner)).toEqual([
      [67n, 0n],
      [0n, 60n],
      [33n, 40n],
    ])
    expect(of(pools.validator).map(([server]) => server)).toEqual([50n, 0n, 50n])
  })

  it('changes nothing at beta 0 and in an empty subnet', () => {
    expect(run(example, 0)).toEqual(example.rows)
    const nobody = { rows: [], hotkeys: [], consensus: [], validatorTrust: [], stakeWeight: [], pool: pools.both }
    expect(run(nobody, one)).toEqual([])
  })

  it('traps when a parameter or the pool is not as assumed', () => {
    expectTrap(wasm, 'trust_bonus', [10 * one + 1], example)
    expectTrap(wasm, 'trust_bonus', [-1], example)
    expectTrap(wasm, 'trust_bonus', [one], { ...example, pool: 3 })
    expectTrap(wasm, 'trust_bonus', [one], { ...example, consensus: [1, 2] })
    const rows = example.rows.map((row) => ({ ...row, validator: (1n << 63n) + 1n }))
    expectTrap(wasm, 'trust_bonus', [one], { ...example, rows })
  })
})
