import { squareRoot } from '../fork/squareRoot.js'

/** Product-moment correlation r = (n sum xy - sum x sum y) / sqrt((n sum x^2 - (sum x)^2) (n sum y^2 - (sum y)^2)) of pairs of
 *  integers. Everything under the root is exact; the quotient is cut off towards zero at 2^-60, so r is in [-1, 1], and
 *  scaling or shifting either side gives the identical number.
 *  @param xs, ys paired by position, any integers (rao, u16 values, ranks)
 *  @returns `undefined` for fewer than two pairs, or when one side is constant
 *  @see arXiv 2507.02951 (stake-reward and performance-reward correlations) */
export function pearson(xs: readonly bigint[], ys: readonly bigint[]): number | undefined {
  if (xs.length !== ys.length) throw new RangeError('A correlation needs pairs.')
  const n = BigInt(xs.length)
  const [sumX, sumY] = [sum(xs), sum(ys)]
  const covariance = n * sum(xs.map((x, i) => x * (ys[i] ?? 0n))) - sumX * sumY
  const varianceX = n * sum(xs.map((x) => x * x)) - sumX * sumX
  const varianceY = n * sum(ys.map((y) => y * y)) - sumY * sumY
  if (varianceX === 0n || varianceY === 0n) return undefined
  const magnitude = squareRoot(((covariance * covariance) << 120n) / (varianceX * varianceY))
  return (Number(magnitude) / 2 ** 60) * (covariance < 0n ? -1 : 1)
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}
