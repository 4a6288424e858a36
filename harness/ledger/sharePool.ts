import type { Hex } from '../fork/forkState.js'
import { littleEndian, type ChainState } from './chainState.js'
import { mulDiv, safeFloat, safeFloatOfU64F64, toU64, type SafeFloat } from './safeFloat.js'

/** The stake pool of a hotkey on a subnet: each coldkey's share and what all shares amount to. */
export interface SharePool {
  /** TotalHotkeyAlpha, rao. */
  readonly totalRao: bigint
  readonly denominator: SafeFloat
  readonly shares: ReadonlyMap<string, SafeFloat>
}

/** What a coldkey's share is worth in rao: floor(total * share / denominator), as the chain computes it. */
export function valueOf({ totalRao, denominator, shares }: SharePool, coldkey: string): bigint {
  const share = shares.get(coldkey)
  if (share === undefined) return 0n
  const value = mulDiv(safeFloat(totalRao), share, denominator)
  return value === undefined ? 0n : toU64(value)
}

/** u128 mantissa, i64 exponent. */
function storedSafeFloat(raw: Hex): SafeFloat {
  const bytes = Buffer.from(raw.slice(2), 'hex')
  const mantissa = (bytes.readBigUInt64LE(8) << 64n) | bytes.readBigUInt64LE(0)
  return { mantissa, exponent: Number(bytes.readBigInt64LE(16)) }
}

/** All pools of a subnet by hotkey. An entry of the first layout wins over one of the second with the same key. */
export function sharePools(state: ChainState, netuid: number): ReadonlyMap<string, SharePool> {
  const shares = new Map<string, Map<string, SafeFloat>>()
  const collect = (item: string, read: (raw: Hex) => SafeFloat) => {
    for (const [[hotkey = '', coldkey = ''], raw] of state.endingIn(item, netuid)) {
      const pool = shares.get(hotkey) ?? new Map<string, SafeFloat>()
      shares.set(hotkey, pool.set(coldkey, read(raw)))
    }
  }
  collect('AlphaV2', storedSafeFloat)
  collect('Alpha', (raw) => safeFloatOfU64F64(littleEndian(raw)))

  const denominators = new Map<string, SafeFloat>()
  for (const [[hotkey = ''], raw] of state.endingIn('TotalHotkeySharesV2', netuid)) {
    denominators.set(hotkey, storedSafeFloat(raw))
  }
  for (const [[hotkey = ''], raw] of state.endingIn('TotalHotkeyShares', netuid)) {
    denominators.set(hotkey, safeFloatOfU64F64(littleEndian(raw)))
  }

  const totals = new Map<string, bigint>()
  for (const [[hotkey = ''], raw] of state.endingIn('TotalHotkeyAlpha', netuid)) {
    totals.set(hotkey, littleEndian(raw))
  }
  return new Map(
    [...new Set([...totals.keys(), ...shares.keys()])].map((hotkey) => [
      hotkey,
      {
        totalRao: totals.get(hotkey) ?? 0n,
        denominator: denominators.get(hotkey) ?? safeFloat(0n),
        shares: shares.get(hotkey) ?? new Map<string, SafeFloat>(),
      },
    ]),
  )
}
