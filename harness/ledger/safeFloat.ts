/** A share of a stake pool as the chain stores it: mantissa * 10^exponent, with 1e20 < mantissa <= 1e21, or both zero. */
export interface SafeFloat {
  readonly mantissa: bigint
  readonly exponent: number
}

const MAX_MANTISSA = 10n ** 21n
const MIN_MANTISSA = 10n ** 20n
const MAX_U64 = (1n << 64n) - 1n
/** The chain never scales by more than this power of ten. */
const MAX_SHIFT = 22
const ZERO: SafeFloat = { mantissa: 0n, exponent: 0 }

function canonical(mantissa: bigint, exponent: number): SafeFloat {
  if (mantissa === 0n) return ZERO
  let [m, e] = [mantissa, exponent]
  for (; m > MAX_MANTISSA; e += 1) m /= 10n
  for (; m <= MIN_MANTISSA; e -= 1) m *= 10n
  return { mantissa: m, exponent: e }
}

/** integer * 10^exponent. An integer above 1e21 becomes zero, as on the chain. */
export function safeFloat(integer: bigint, exponent = 0): SafeFloat {
  return integer > MAX_MANTISSA ? ZERO : canonical(integer, exponent)
}

/** From a share of the first layout: U64F64, given by its bits. */
export function safeFloatOfU64F64(bits: bigint): SafeFloat {
  return add(safeFloat(bits >> 64n), divide(safeFloat(bits & MAX_U64), safeFloat(1n << 64n)))
}

function divide(a: SafeFloat, b: SafeFloat): SafeFloat {
  return canonical((a.mantissa * MAX_MANTISSA) / b.mantissa, a.exponent - b.exponent - 21)
}

/** The operand of smaller exponent loses its last digits. */
export function add(a: SafeFloat, b: SafeFloat): SafeFloat {
  if (a.mantissa === 0n) return b
  if (b.mantissa === 0n) return a
  const [low, high] = a.exponent <= b.exponent ? [a, b] : [b, a]
  const shift = BigInt(Math.min(high.exponent - low.exponent, MAX_SHIFT))
  return canonical(low.mantissa / 10n ** shift + high.mantissa, high.exponent)
}

/** a * b / c, or `undefined` when c is zero. */
export function mulDiv(a: SafeFloat, b: SafeFloat, c: SafeFloat): SafeFloat | undefined {
  if (c.mantissa === 0n) return undefined
  return canonical((a.mantissa * b.mantissa) / c.mantissa, a.exponent + b.exponent - c.exponent)
}

/** Rounded down; above u64 its largest value. */
export function toU64({ mantissa, exponent }: SafeFloat): bigint {
  const scale = 10n ** BigInt(Math.min(Math.abs(exponent), MAX_SHIFT))
  if (exponent < 0) return mantissa / scale
  const whole = mantissa * scale
  return whole > MAX_U64 ? MAX_U64 : whole
}
