import { ONE } from './fixedPoint.js'

/** Bounds of an amount that is not recorded. */
export interface Bounds {
  readonly lowRao: bigint
  /** `undefined`: no bound. */
  readonly highRao: bigint | undefined
}

/** What a validator may have taken when `restRao` was left for the pool. Take and rest are both rounded down parts of one
 *  amount, so the rest alone leaves (rate / (1 - rate)) rao of play: at most one rao for rates below one half.
 *  @param rate U96F32 bits, at most ONE */
export function takeBounds(restRao: bigint, rate: bigint): Bounds {
  if (rate >= ONE) return { lowRao: 0n, highRao: undefined }
  const low = (rate * restRao - 1n) / (ONE - rate)
  const high = (rate * (restRao + 1n) - 1n) / (ONE - rate)
  return { lowRao: low > 0n ? low : 0n, highRao: high > 0n ? high : 0n }
}

export function sumOfBounds(a: Bounds, b: Bounds): Bounds {
  return {
    lowRao: a.lowRao + b.lowRao,
    highRao: a.highRao === undefined || b.highRao === undefined ? undefined : a.highRao + b.highRao,
  }
}

export const withinBounds = (rao: bigint, { lowRao, highRao }: Bounds): boolean =>
  rao >= lowRao && (highRao === undefined || rao <= highRao)
