import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  openHost,
  readRewards,
  readStakes,
  rewardBytes,
  scaleVector,
  stakeBytes,
  subtensorKey,
  writeVecHeader,
  type RewardRow,
  type WasmHost,
} from '../../test/wasmHost.js'
import { parseWasm, sectionIds } from './wasmModule.js'
import { loadPrebuilt } from './prebuilt.js'

const { wasm } = loadPrebuilt('patch_module')
const netuid = 258
const u16 = (value: number) => Uint8Array.of(value & 0xff, value >> 8)
const u64 = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer)
const result = 4096

describe('the patch module', () => {
  it('has no data, no table entries, no memory and no import beside storage and free', () => {
    const module = parseWasm(wasm, 'patch module')
    const ids = module.sections.map(({ id }) => id)
    expect(ids).not.toContain(11)
    expect(ids).not.toContain(sectionIds.element)
    expect(module.memories.every(({ imported }) => imported !== undefined)).toBe(true)
    expect(module.functionImports.map(({ name }) => name).sort()).toEqual([
      'ext_allocator_free_version_1',
      'ext_storage_get_version_1',
    ])
  })
})

describe('stake_cap', () => {
  const permittedScope = 0
  const allScope = 1
  const unit = 1n << 64n

  interface StakeCase {
    readonly stakes: readonly bigint[]
    readonly permits: readonly boolean[]
    readonly thresholdRao: bigint
    readonly percentilePpb: number
    readonly scope: number
  }

  function open({ stakes, permits, thresholdRao }: StakeCase): { host: WasmHost; pointer: number } {
    const host = openHost(wasm)
    host.storage.set(subtensorKey('SubnetworkN', netuid), u16(stakes.length))
    host.storage.set(subtensorKey('ValidatorPermit', netuid), scaleVector(permits.map(Number), 1))
    host.storage.set(subtensorKey('StakeThreshold'), u64(thresholdRao))
    const pointer = host.place(stakeBytes(stakes))
    writeVecHeader(host, result, pointer, stakes.length)
    return { host, pointer }
  }

  function run(stakeCase: StakeCase): bigint[] {
    const { host, pointer } = open(stakeCase)
    host.call('stake_cap', result, netuid, stakeCase.percentilePpb, stakeCase.scope)
    expect(host.live.size).toBe(0)
    return readStakes(host, pointer, stakeCase.stakes.length)
  }

  /** The definition, with a sort. */
  function expected({ stakes, permits, thresholdRao, percentilePpb, scope }: StakeCase): bigint[] {
    const counted = stakes
      .filter((stake, uid) => stake > 0n && (scope === allScope || (permits[uid] && stake >> 64n >= thresholdRao)))
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    const rank = (BigInt(counted.length) * BigInt(percentilePpb) + 999_999_999n) / 1_000_000_000n
    const cap = counted[Number(rank) - 1]
    if (cap === undefined || percentilePpb === 1_000_000_000) return [...stakes]
    return stakes.map((stake) => (stake < cap ? stake : cap))
  }

  const stakeCase = fc
    .array(
      fc.record({
        stake: fc.oneof(
          fc.constant(0n),
          fc.bigInt(0n, 30n).map((rao) => rao * unit),
          fc.bigInt(0n, (1n << 127n) - 1n),
        ),
        permit: fc.boolean(),
      }),
      { maxLength: 80 },
    )
    .chain((uids) =>
      fc.record({
        stakes: fc.constant(uids.map(({ stake }) => stake)),
        permits: fc.constant(uids.map(({ permit }) => permit)),
        thresholdRao: fc.oneof(fc.constant(0n), fc.bigInt(0n, 30n), fc.bigInt(0n, (1n << 64n) - 1n)),
        percentilePpb: fc.oneof(fc.integer({ min: 1, max: 1_000_000_000 }), fc.constant(1_000_000_000)),
        scope: fc.constantFrom(permittedScope, allScope),
      }),
    )

  it('equals the definition', () => {
    fc.assert(
      fc.property(stakeCase, (each) => {
        expect(run(each)).toEqual(expected(each))
      }),
      { numRuns: 300 },
    )
  })

  const example: StakeCase = {
    stakes: [5n * unit, 10n * unit, 20n * unit, 100n * unit, 50n * unit],
    permits: [true, true, true, true, false],
    thresholdRao: 6n,
    percentilePpb: 600_000_000,
    scope: permittedScope,
  }

  it('takes permitted uids at or above the threshold as its scope, and caps the others too', () => {
    expect(run(example).map((bits) => bits / unit)).toEqual([5n, 10n, 20n, 20n, 20n])
    expect(run({ ...example, scope: allScope }).map((bits) => bits / unit)).toEqual([5n, 10n, 20n, 20n, 20n])
    expect(run({ ...example, thresholdRao: 20n, percentilePpb: 1 }).map((bits) => bits / unit)).toEqual([
      5n,
      10n,
      20n,
      20n,
      20n,
    ])
    expect(run({ ...example, thresholdRao: 21n, percentilePpb: 1 }).map((bits) => bits / unit)).toEqual([
      5n,
      10n,
      20n,
      100n,
      50n,
    ])
  })

  it('reads an absent permit vector, or one too short, as no permit', () => {
    expect(run({ ...example, permits: [] })).toEqual(example.stakes)
    const { host, pointer } = open(example)
    host.storage.delete(subtensorKey('ValidatorPermit', netuid))
    host.storage.delete(subtensorKey('StakeThreshold'))
    host.call('stake_cap', result, netuid, example.percentilePpb, permittedScope)
    expect(readStakes(host, pointer, 5)).toEqual(example.stakes)
  })

  it('traps when the result is not as assumed', () => {
    const trap = (spoil: (host: WasmHost) => void, percentilePpb = example.percentilePpb, scope = permittedScope) => {
      const { host, pointer } = open(example)
      spoil(host)
      expect(() => host.call('stake_cap', result, netuid, percentilePpb, scope)).toThrow(/unreachable/)
      expect(readStakes(host, pointer, 5)).toEqual(example.stakes)
    }
    trap((host) => host.storage.set(subtensorKey('SubnetworkN', netuid), u16(4)))
    trap((host) => host.storage.delete(subtensorKey('SubnetworkN', netuid)))
    trap((host) => host.storage.set(subtensorKey('SubnetworkN', netuid), u16(5000)))
    trap((host) => host.storage.set(subtensorKey('SubnetworkN', netuid), Uint8Array.of(5)))
    trap((host) => host.storage.set(subtensorKey('ValidatorPermit', netuid), Uint8Array.of(5 << 2, 1)))
    trap((host) => host.storage.set(subtensorKey('ValidatorPermit', netuid), scaleVector([1, 1, 2, 1, 1], 1)))
    trap((host) => host.storage.set(subtensorKey('StakeThreshold'), Uint8Array.of(1)))
    trap((host) => {
      host.view().setUint32(result + 4, 64 * 65_536 - 79, true) // one byte beyond the memory
    })
    trap((host) => {
      host.view().setUint32(result + 4, 0xffff_fff0, true)
    })
    trap((host) => {
      host.view().setUint32(result + 4, 0, true)
    })
    trap((host) => {
      host.view().setUint32(result, 4, true) // capacity below length: the fields are in another order
    })
    trap(() => undefined, 0)
    trap(() => undefined, 1_000_000_001)
    trap(() => undefined, -1)
    trap(() => undefined, 1, 2)
  })

  it('acts up to the very end of the memory', () => {
    const { host } = open(example)
    const pointer = 64 * 65_536 - 80
    new Uint8Array(host.view().buffer, pointer, 80).set(stakeBytes(example.stakes))
    host.view().setUint32(result + 4, pointer, true)
    host.call('stake_cap', result, netuid, example.percentilePpb, permittedScope)
    expect(readStakes(host, pointer, 5)).toEqual(expected(example))
  })
})

describe('performance_weighted', () => {
  const bothPools = 0
  const minerPool = 1
  const validatorPool = 2

  interface RewardCase {
    /** In the order of the result, which need not be the order of the uids. */
    readonly rows: readonly RewardRow[]
    /** By uid. */
    readonly hotkeys: readonly number[]
    readonly consensus: readonly number[]
    readonly validatorTrust: readonly number[]
    readonly lambdaPpb: number
    readonly pool: number
  }

  function open({ rows, hotkeys, consensus, validatorTrust }: RewardCase): { host: WasmHost; pointer: number } {
    const host = openHost(wasm)
    host.storage.set(subtensorKey('SubnetworkN', netuid), u16(hotkeys.length))
    hotkeys.forEach((hotkey, uid) => {
      host.storage.set(subtensorKey('Keys', netuid, uid), new Uint8Array(32).fill(hotkey))
    })
    host.storage.set(subtensorKey('Consensus', netuid), scaleVector(consensus, 2))
    host.storage.set(subtensorKey('ValidatorTrust', netuid), scaleVector(validatorTrust, 2))
    const pointer = host.place(rewardBytes(rows))
    writeVecHeader(host, result, pointer, rows.length)
    return { host, pointer }
  }

  function call(host: WasmHost, { lambdaPpb, pool }: RewardCase): void {
    host.call('performance_weighted', result, netuid, 123_456n, lambdaPpb, pool)
  }

  function run(rewardCase: RewardCase): RewardRow[] {
    const { host, pointer } = open(rewardCase)
    call(host, rewardCase)
    expect(host.live.size).toBe(0)
    return readRewards(host, pointer, rewardCase.rows.length)
  }

  /** The definition, with a sort; ties go to the first row. */
  function redistribute(amounts: readonly bigint[], perf: readonly number[], lambdaPpb: number): bigint[] {
    const whole = 1_000_000_000n
    const total = amounts.reduce((sum, amount) => sum + amount, 0n)
    const performance = perf.reduce((sum, value) => sum + BigInt(value), 0n)
    if (performance === 0n) return [...amounts]
    const exact = amounts.map(
      (amount, row) =>
        (whole - BigInt(lambdaPpb)) * amount * performance + BigInt(lambdaPpb) * total * BigInt(perf[row] ?? 0),
    )
    const paid = exact.map((numerator) => numerator / (whole * performance))
    const left = total - paid.reduce((sum, amount) => sum + amount, 0n)
    const byRemainder = exact
      .map((numerator, row) => ({ row, remainder: numerator % (whole * performance) }))
      .sort((a, b) => (a.remainder === b.remainder ? a.row - b.row : a.remainder > b.remainder ? -1 : 1))
    const up = new Set(byRemainder.slice(0, Number(left)).map(({ row }) => row))
    return paid.map((amount, row) => amount + (up.has(row) ? 1n : 0n))
  }

  function expected({ rows, hotkeys, consensus, validatorTrust, lambdaPpb, pool }: RewardCase): RewardRow[] {
    const uids = rows.map(({ hotkey }) => hotkeys.indexOf(hotkey))
    const perf = (scores: readonly number[]) => uids.map((uid) => scores[uid] ?? 0)
    const servers = rows.map(({ server }) => server)
    const validators = rows.map(({ validator }) => validator)
    const server = pool === validatorPool ? servers : redistribute(servers, perf(consensus), lambdaPpb)
    const validator = pool === minerPool ? validators : redistribute(validators, perf(validatorTrust), lambdaPpb)
    return rows.map(({ hotkey }, row) => ({ hotkey, server: server[row] ?? 0n, validator: validator[row] ?? 0n }))
  }

  const amount = fc.oneof(fc.constant(0n), fc.bigInt(0n, 9n), fc.bigInt(0n, (1n << 64n) / 100n))
  const score = fc.oneof(fc.constant(0), fc.constant(65_535), fc.integer({ min: 0, max: 65_535 }))
  const rewardCase = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 70 }).chain((hotkeys) =>
    fc.record({
      rows: fc
        .shuffledSubarray(hotkeys, { minLength: hotkeys.length })
        .chain((order) =>
          fc.tuple(
            ...order.map((hotkey) => fc.record({ hotkey: fc.constant(hotkey), server: amount, validator: amount })),
          ),
        ),
      hotkeys: fc.constant(hotkeys),
      consensus: fc.array(score, { minLength: hotkeys.length, maxLength: hotkeys.length }),
      validatorTrust: fc.array(score, { minLength: hotkeys.length, maxLength: hotkeys.length }),
      lambdaPpb: fc.oneof(fc.constantFrom(0, 1_000_000_000), fc.integer({ min: 0, max: 1_000_000_000 })),
      pool: fc.constantFrom(bothPools, minerPool, validatorPool),
    }),
  )

  it('equals the definition, whatever the order of the rows', () => {
    fc.assert(
      fc.property(rewardCase, (each) => {
        expect(run(each)).toEqual(expected(each))
      }),
      { numRuns: 200 },
    )
  })

  const example: RewardCase = {
    rows: [
      { hotkey: 7, server: 100n, validator: 0n },
      { hotkey: 8, server: 0n, validator: 60n },
      { hotkey: 9, server: 0n, validator: 40n },
    ],
    hotkeys: [9, 8, 7],
    consensus: [0, 65_535, 65_535],
    validatorTrust: [60_000, 20_000, 0],
    lambdaPpb: 500_000_000,
    pool: bothPools,
  }

  it('pays miners by Consensus and validators by ValidatorTrust, found through Keys', () => {
    expect(run(example).map(({ server, validator }) => [server, validator])).toEqual([
      [75n, 0n],
      [25n, 43n], // 30 + 12.5 and 20 + 37.5: the odd rao goes to the first row
      [0n, 57n],
    ])
    expect(run({ ...example, pool: minerPool }).map(({ validator }) => validator)).toEqual([0n, 60n, 40n])
    expect(run({ ...example, pool: validatorPool }).map(({ server }) => server)).toEqual([100n, 0n, 0n])
  })

  it('traps when the result is not as assumed', () => {
    const trap = (spoil: (host: WasmHost) => void, changed: Partial<RewardCase> = {}) => {
      const { host } = open({ ...example, ...changed })
      spoil(host)
      expect(() => {
        call(host, { ...example, ...changed })
      }).toThrow(/unreachable/)
    }
    const nothing = () => undefined
    trap((host) => host.storage.set(subtensorKey('SubnetworkN', netuid), u16(2)))
    trap((host) => host.storage.delete(subtensorKey('Keys', netuid, 1)))
    trap((host) => host.storage.set(subtensorKey('Keys', netuid, 1), new Uint8Array(31)))
    trap((host) => host.storage.delete(subtensorKey('Consensus', netuid)))
    trap((host) => {
      host.view().setUint32(result + 4, 64 * 65_536 - 143, true)
    })
    trap(nothing, { hotkeys: [9, 8, 6] })
    trap(nothing, { hotkeys: [9, 8, 8] })
    trap(nothing, { validatorTrust: [1, 2] })
    trap(nothing, { lambdaPpb: 1_000_000_001 })
    trap(nothing, { pool: 3 })
    trap(nothing, {
      rows: example.rows.map((row) => ({ ...row, server: (1n << 63n) + 1n })), // the pool's total exceeds 64 bits
    })
  })
})
