const raoOfAlpha = 1_000_000_000n

/** Rao as a decimal number of alpha, exactly rounded (halves away from zero), thousands grouped by commas. An amount that would
 *  round to zero is shown in full. No floating point.
 *  @param decimals 0 to 9
 *  @param sign     writes + before a gain */
export function formatRao(rao: bigint, { decimals = 9, sign = false } = {}): string {
  const unit = 10n ** BigInt(9 - decimals)
  const magnitude = rao < 0n ? -rao : rao
  const rounded = ((magnitude + unit / 2n) / unit) * unit
  if (rounded === 0n && rao !== 0n) return formatRao(rao, { decimals: 9, sign })
  const whole = String(rounded / raoOfAlpha).replace(/\B(?=(\d{3})+$)/g, ',')
  const fraction = String(rounded % raoOfAlpha)
    .padStart(9, '0')
    .slice(0, decimals)
  const prefix = rao < 0n ? '-' : sign && rao > 0n ? '+' : ''
  return decimals === 0 ? prefix + whole : `${prefix}${whole}.${fraction}`
}

/** A part of a whole in percent with two decimals, rounded half away from zero; `undefined` of nothing.
 *  @param sign writes + before a rise */
export function formatPercent(partRao: bigint, wholeRao: bigint, { sign = false } = {}): string | undefined {
  if (wholeRao === 0n) return undefined
  const magnitude = partRao < 0n ? -partRao : partRao
  const hundredths = (magnitude * 20_000n + wholeRao) / (2n * wholeRao)
  const prefix = partRao < 0n ? '-' : sign && partRao > 0n ? '+' : ''
  return `${prefix}${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')} %`
}
