import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  openHost,
  readStakes,
  scaleVector,
  stakeBytes,
  subtensorKey,
  writeVecHeader,
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
  it('has no data, no table entries, no memory and no import beside storage, free and log', () => {
    const module = parseWasm(wasm, 'patch module')
    const ids = module.sections.map(({ id }) => id)
    expect(ids).not.toContain(11)
    expect(ids).not.toContain(sectionIds.element)
    expect(module.memories.every(({ imported }) => imported !== undefined)).toBe(true)
    expect(module.functionImports.map(({ name }) => name).sort()).toEqual([
      'ext_allocator_free_version_1',
      'ext_logging_log_version_1',
      'ext_storage_get_version_1',
      'ext_storage_set_version_1',
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
    host.call('stake_cap', result, 0, netuid, 0, stakeCase.percentilePpb, stakeCase.scope)
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
    host.call('stake_cap', result, 0, netuid, 0, example.percentilePpb, permittedScope)
    expect(readStakes(host, pointer, 5)).toEqual(example.stakes)
  })

  it('traps when the result is not as assumed', () => {
    const trap = (spoil: (host: WasmHost) => void, percentilePpb = example.percentilePpb, scope = permittedScope) => {
      const { host, pointer } = open(example)
      spoil(host)
      expect(() => host.call('stake_cap', result, 0, netuid, 0, percentilePpb, scope)).toThrow(/unreachable/)
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
    host.call('stake_cap', result, 0, netuid, 0, example.percentilePpb, permittedScope)
    expect(readStakes(host, pointer, 5)).toEqual(expected(example))
  })
})
