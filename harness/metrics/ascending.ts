/** A sorted copy, smallest amount first. */
export function ascending(amounts: readonly bigint[]): bigint[] {
  return [...amounts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}
