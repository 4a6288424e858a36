/** The q-quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan 1996; R's and NumPy's default).
 *  @param sorted ascending, at least one
 *  @param q      0 to 1 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0 || !(q >= 0 && q <= 1)) throw new RangeError('A quantile needs values and 0 <= q <= 1.')
  const position = (sorted.length - 1) * q
  const below = Math.floor(position)
  const low = sorted[below] ?? 0
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? 0
  return low + (high - low) * (position - below)
}
