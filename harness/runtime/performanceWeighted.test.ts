import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  anyRewardCase,
  apportion,
  exampleRewardCase as example,
  expectTrap,
  pools,
  rewardNetuid,
  rewardResult,
  rewardsAfter,
  rewardsByDefinition,
  totalOf,
  type PoolMembers,
  type RewardCase,
} from '../../test/rewardCase.js'
import { subtensorKey } from '../../test/wasmHost.js'
import { loadPrebuilt } from './prebuilt.js'

const { wasm } = loadPrebuilt('patch_module')
const whole = 1_000_000_000
const half = whole / 2

const run = (each: RewardCase, lambdaPpb = half) => rewardsAfter(wasm, 'performance_weighted', [lambdaPpb], each)

function redistribute({ amounts, performance }: PoolMembers, lambdaPpb: number): bigint[] {
  const total = totalOf(amounts)
  const all = totalOf(performance.map(BigInt))
  if (all === 0n) return [...amounts]
  const [kept, moved] = [BigInt(whole - lambdaPpb), BigInt(lambdaPpb)]
  const weights = amounts.map((rao, row) => kept * rao * all + moved * total * BigInt(performance[row] ?? 0))
  return apportion(total, weights)
}

describe('performance_weighted', () => {
  it('equals the definition, whatever the order of the rows', () => {
    const lambda = fc.oneof(fc.constantFrom(0, whole), fc.integer({ min: 0, max: whole }))
    fc.assert(
      fc.property(anyRewardCase, lambda, (each, lambdaPpb) => {
        expect(run(each, lambdaPpb)).toEqual(rewardsByDefinition(each, (pool) => redistribute(pool, lambdaPpb)))
      }),
      { numRuns: 200 },
    )
  })

  it('pays miners by Consensus and validators by ValidatorTrust, found through Keys', () => {
    expect(run(example).map(({ server, validator }) => [server, validator])).toEqual([
      [75n, 0n],
      [25n, 42n], // 30 + 12.5 and 20 + 37.5: the odd rao goes to the lower uid
      [0n, 58n],
    ])
    expect(run({ ...example, pool: pools.miner }).map(({ validator }) => validator)).toEqual([0n, 60n, 40n])
    expect(run({ ...example, pool: pools.validator }).map(({ server }) => server)).toEqual([100n, 0n, 0n])
  })

  it('traps when the result or a parameter is not as assumed', () => {
    const trap = (spoil: Parameters<typeof expectTrap>[4], changed: Partial<RewardCase> = {}, lambdaPpb = half) => {
      expectTrap(wasm, 'performance_weighted', [lambdaPpb], { ...example, ...changed }, spoil)
    }
    const key = (item: string, ...uid: number[]) => subtensorKey(item, rewardNetuid, ...uid)
    trap((host) => host.storage.set(key('SubnetworkN'), Uint8Array.of(2, 0)))
    trap((host) => host.storage.delete(key('Keys', 1)))
    trap((host) => host.storage.set(key('Keys', 1), new Uint8Array(31)))
    trap((host) => host.storage.delete(key('Consensus')))
    trap((host) => {
      host.view().setUint32(rewardResult + 4, 64 * 65_536 - 143, true) // one byte beyond the memory
    })
    trap(undefined, { hotkeys: [9, 8, 6] })
    trap(undefined, { hotkeys: [9, 8, 8] })
    trap(undefined, { validatorTrust: [1, 2] })
    trap(undefined, { pool: 3 })
    trap(undefined, {
      rows: example.rows.map((row) => ({ ...row, server: (1n << 63n) + 1n })), // the pool's total exceeds 64 bits
    })
    trap(undefined, {}, whole + 1)
  })

  it('does not need the stake weights', () => {
    expect(run({ ...example, stakeWeight: [] })).toEqual(run(example))
  })
})
