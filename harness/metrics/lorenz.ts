import { ascending } from './ascending.js'
import { ratio } from './ratio.js'
import { total } from './total.js'

/** Points of the Lorenz curve: element k is the share of the total that the poorest k/steps of the holders hold, with linear
 *  interpolation inside a holder. Element 0 is 0, element `steps` is 1.
 *  @param amounts one amount per holder, rao, any order; zeros count as holders
 *  @param steps   equal parts of the population, an integer >= 1
 *  @returns steps + 1 numbers; `undefined` if the total is zero */
export function lorenz(amounts: readonly bigint[], steps: number): number[] | undefined {
  if (!Number.isInteger(steps) || steps < 1) throw new RangeError('A Lorenz curve needs at least one step.')
  const sum = total(amounts)
  if (sum === 0n) return undefined
  const sorted = ascending(amounts)
  const parts = BigInt(steps)
  let counted = 0
  let poorest = 0n
  return Array.from({ length: steps + 1 }, (_, k) => {
    const position = k * sorted.length
    const whole = Math.floor(position / steps)
    for (; counted < whole; counted += 1) poorest += sorted[counted] ?? 0n
    const partial = (sorted[whole] ?? 0n) * BigInt(position % steps)
    return ratio(poorest * parts + partial, sum * parts)
  })
}
