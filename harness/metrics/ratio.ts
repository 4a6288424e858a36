/** part / whole as a number, cut off at 2^-60: scaling both by the same factor gives the identical number.
 *  @param part  0 <= part; @param whole > 0, else `RangeError` (a caller asks for the share of nothing) */
export function ratio(part: bigint, whole: bigint): number {
  if (whole <= 0n) throw new RangeError('A share needs a positive whole.')
  return Number((part << 60n) / whole) / 2 ** 60
}
