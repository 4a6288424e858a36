import { randomStream } from '../fork/random.js'
import { quantile } from './quantile.js'

/** How bootstrap intervals are made; stated in every result. */
export const BOOTSTRAP = { seed: 1, resamples: 1000, level: 0.95, minimumValues: 5 } as const

/** Centre and spread of a number over the epochs of a run, or over subnets. */
export interface Spread {
  /** Values it is made of; places without a value are left out. */
  readonly count: number
  readonly median: number
  /** First and third quartile (`quantile`); q3 - q1 is the interquartile range. */
  readonly q1: number
  readonly q3: number
  /** Bounds of the bootstrap interval of the median; `undefined` for fewer than five values. */
  readonly low: number | undefined
  readonly high: number | undefined
}

/** Percentile bootstrap of the median at level 95 %, 1,000 resamples, of a stream of its own for each count of values, so that all
 *  metrics of a run are resampled alike. `epochs` are resampled in circular blocks of ceil(n^(1/3)) neighbours (Politis and
 *  Romano 1992), because what is paid in one epoch is stake in the next; `subnets` one by one (Efron 1979).
 *  The interval speaks of the epochs of this run, not of others.
 *  @param values in the order of the epochs; `undefined` where the metric has no value
 *  @returns `undefined` when no value is there */
export function spread(values: readonly (number | undefined)[], over: 'epochs' | 'subnets'): Spread | undefined {
  const known = values.filter((value) => value !== undefined)
  if (known.length === 0) return undefined
  const sorted = Float64Array.from(known).sort()
  const centre = {
    count: known.length,
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
  }
  if (known.length < BOOTSTRAP.minimumValues) return { ...centre, low: undefined, high: undefined }
  if (sorted[0] === sorted.at(-1)) return { ...centre, low: sorted[0], high: sorted[0] }
  const length = over === 'epochs' ? blockLength(known.length) : 1
  const medians = Float64Array.from(blockStarts(known.length, length), (starts) => {
    const resample = new Float64Array(known.length)
    for (let i = 0; i < known.length; i += 1) {
      const start = starts[Math.floor(i / length)] ?? 0
      resample[i] = known[(start + (i % length)) % known.length] ?? 0
    }
    return quantile(resample.sort(), 0.5)
  }).sort()
  const tail = (1 - BOOTSTRAP.level) / 2
  return { ...centre, low: quantile(medians, tail), high: quantile(medians, 1 - tail) }
}

/** The smallest integer L with L^3 >= n. */
function blockLength(n: number): number {
  let length = 1
  while (length ** 3 < n) length += 1
  return length
}

const startsOf = new Map<string, readonly Uint32Array[]>()

/** For each resample the first places of its blocks; the same for every series of n values. */
function blockStarts(n: number, length: number): readonly Uint32Array[] {
  const label = `bootstrap/${n}/${length}`
  const known = startsOf.get(label)
  if (known !== undefined) return known
  const random = randomStream(BOOTSTRAP.seed, label)
  const starts = Array.from({ length: BOOTSTRAP.resamples }, () =>
    Uint32Array.from({ length: Math.ceil(n / length) }, () => random.below(n)),
  )
  startsOf.set(label, starts)
  return starts
}
