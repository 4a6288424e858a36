import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { exponential, naturalLog } from '../../test/exactPower.js'
import { openHost, readStakes, stakeBytes, subtensorKey, writeVecHeader, type WasmHost } from '../../test/wasmHost.js'
import { loadPrebuilt } from './prebuilt.js'

const { wasm } = loadPrebuilt('patch_module')
const netuid = 258
const result = 4096
const unit = 1n << 64n
const whole = 1_000_000_000

function open(stakes: readonly bigint[]): { host: WasmHost; pointer: number } {
  const host = openHost(wasm)
  host.storage.set(subtensorKey('SubnetworkN', netuid), Uint8Array.of(stakes.length & 0xff, stakes.length >> 8))
  const pointer = host.place(stakeBytes(stakes))
  writeVecHeader(host, result, pointer, stakes.length)
  return { host, pointer }
}

function run(stakes: readonly bigint[], thetaPpb: number): bigint[] {
  const { host, pointer } = open(stakes)
  host.call('stake_power', result, 0, netuid, 0, thetaPpb)
  expect(host.live.size).toBe(0)
  return readStakes(host, pointer, stakes.length)
}

/** M (S / M)^theta, rounded down. */
function exact(largest: bigint, stake: bigint, thetaPpb: number): bigint {
  if (stake <= 0n) return stake
  const log = (BigInt(thetaPpb) * (naturalLog(stake) - naturalLog(largest))) / BigInt(whole)
  return (largest * exponential(log)) >> 192n
}

const distance = (a: bigint, b: bigint) => (a > b ? a - b : b - a)

describe('stake_power', () => {
  const stake = fc.oneof(
    fc.constant(0n),
    fc.bigInt(1n, 30n).map((rao) => rao * unit),
    fc.bigInt(1n, (1n << 127n) - 1n),
    fc.tuple(fc.bigInt(1n, (1n << 127n) - 1n), fc.bigInt(0n, 126n)).map(([bits, shift]) => (bits >> shift) + 1n),
  )
  const stakes = fc.array(stake, { minLength: 1, maxLength: 30 })
  const theta = fc.oneof(
    fc.constantFrom(1, whole / 2, whole - 1),
    fc.integer({ min: 1, max: whole }),
    fc.constant(whole),
  )

  it('is off the definition by less than 2^-60 of the result and one step', () => {
    fc.assert(
      fc.property(stakes, theta, (stakes, thetaPpb) => {
        const largest = stakes.reduce((max, stake) => (stake > max ? stake : max))
        run(stakes, thetaPpb).forEach((after, uid) => {
          const expected = exact(largest, stakes[uid] ?? 0n, thetaPpb)
          // One step for each of the two that are rounded down.
          expect(distance(after, expected)).toBeLessThanOrEqual((expected >> 60n) + 2n)
        })
      }),
      { numRuns: 150 },
    )
  })

  it('keeps the largest, zero and the order, and lowers nothing', () => {
    fc.assert(
      fc.property(stakes, theta, (stakes, thetaPpb) => {
        const ascending = [...stakes, 0n].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        const after = run(ascending, thetaPpb)
        expect(after[0]).toBe(0n)
        expect(after.at(-1)).toBe(ascending.at(-1))
        expect([...after].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))).toEqual(after)
        expect(after.every((stake, uid) => stake >= (ascending[uid] ?? 0n))).toBe(true)
        expect(after.every((_, uid) => ascending[uid] !== ascending[uid + 1] || after[uid] === after[uid + 1])).toBe(
          true,
        )
      }),
      { numRuns: 100 },
    )
  })

  it('changes nothing at theta 1, without stakes and among equals', () => {
    const some = [1n, 7n * unit, 0n, (1n << 127n) - 1n]
    expect(run(some, whole)).toEqual(some)
    expect(run([], whole / 2)).toEqual([])
    expect(run([0n, 0n], whole / 2)).toEqual([0n, 0n])
    expect(run([5n, 5n, 5n], 1)).toEqual([5n, 5n, 5n])
  })

  it('takes roots', () => {
    const after = run([100n * unit, 25n * unit, unit], whole / 2)
    expect(after.map((bits) => Number(bits) / Number(unit))).toEqual([100, 50, 10])
  })

  it('traps when the result is not as assumed', () => {
    const trap = (spoil: (host: WasmHost) => void, thetaPpb = whole / 2) => {
      const stakes = [unit, 4n * unit]
      const { host, pointer } = open(stakes)
      spoil(host)
      expect(() => host.call('stake_power', result, 0, netuid, 0, thetaPpb)).toThrow(/unreachable/)
      expect(readStakes(host, pointer, 2)).toEqual(stakes)
    }
    trap((host) => host.storage.set(subtensorKey('SubnetworkN', netuid), Uint8Array.of(3, 0)))
    trap((host) => {
      host.view().setUint32(result + 4, 64 * 65_536 - 31, true) // one byte beyond the memory
    })
    trap(() => undefined, 0)
    trap(() => undefined, whole + 1)
    trap(() => undefined, -1)
  })
})
