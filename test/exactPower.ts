/** Powers with a decimal exponent, by series and in 192 binary places: what the policies' powers are compared with, which
 *  square and search instead. */

const places = 192n
const one = 1n << places

const ln2 = logarithmBetweenOneAndTwo(2n * one)

/** Natural logarithm of a positive integer, times 2^192, off by less than 2^-180. */
export function naturalLog(value: bigint): bigint {
  const whole = BigInt(value.toString(2).length - 1)
  return whole * ln2 + logarithmBetweenOneAndTwo((value << places) >> whole)
}

/** 2 artanh((x - 1) / (x + 1)) */
function logarithmBetweenOneAndTwo(x: bigint): bigint {
  const y = ((x - one) << places) / (x + one)
  const square = (y * y) >> places
  let sum = 0n
  for (let power = y, odd = 1n; power > 0n; power = (power * square) >> places, odd += 2n) sum += power / odd
  return 2n * sum
}

/** e to a power at or below zero, both times 2^192. */
export function exponential(log: bigint): bigint {
  const halvings = -log / ln2
  const rest = -log - halvings * ln2
  let sum = 0n
  for (let term = one, n = 1n; term !== 0n; term = -(term * rest) / (one * n), n += 1n) sum += term
  return sum >> halvings
}
