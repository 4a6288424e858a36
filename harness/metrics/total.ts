/** Sum of amounts, rao. A negative amount is a defect of the caller: `RangeError`. */
export function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => {
    if (amount < 0n) throw new RangeError('Amounts of a distribution cannot be negative.')
    return sum + amount
  }, 0n)
}
