const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** Amounts (>= 0) as a row of blocks, from nothing to the largest. Longer rows than `width` show the means of equal stretches. */
export function sparkline(amounts: readonly bigint[], width: number): string {
  const points = Math.min(width, amounts.length)
  const means = Array.from({ length: points }, (_, i) => {
    const stretch = amounts.slice(
      Math.floor((i * amounts.length) / points),
      Math.floor(((i + 1) * amounts.length) / points),
    )
    return stretch.reduce((sum, amount) => sum + amount, 0n) / BigInt(stretch.length)
  })
  const largest = means.reduce((max, mean) => (mean > max ? mean : max), 0n)
  return means.map((mean) => levels[largest === 0n ? 0 : Number((mean * 7n + largest / 2n) / largest)]).join('')
}
