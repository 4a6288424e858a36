/** floor(value^(1/2)), by Newton's method from above.
 *  @param value >= 0 */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(16).length + 1) * 2)
  for (;;) {
    const nearer = (root + value / root) >> 1n
    if (nearer >= root) return root
    root = nearer
  }
}
