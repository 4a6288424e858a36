import { definePolicy } from 'epochdiff'

// Stake counts by its square root: who has four times the stake of another counts twice as much. The largest stake stays as
// it is; `strength` blends between today's stakes (0) and the full effect (1).

/** The largest integer whose square is not above the value. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let guess = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (guess + value / guess) >> 1n
    if (next >= guess) return guess
    guess = next
  }
}

export const policy = definePolicy({
  name: 'square-root-stake',

  stakeWeights(ctx, weights) {
    const percent = BigInt(Math.round(Number(ctx.params['strength']) * 100))
    if (percent < 0n || percent > 100n) throw new Error('strength has to be from 0 to 1')
    const largest = weights.reduce((max, weight) => (weight > max ? weight : max), 0n)
    return weights.map((weight) => {
      if (weight <= 0n) return weight
      // sqrt(M S) = M sqrt(S / M): a concave transform that keeps the largest, M.
      const root = squareRoot(largest * weight)
      return (weight * (100n - percent) + root * percent) / 100n
    })
  },
})
