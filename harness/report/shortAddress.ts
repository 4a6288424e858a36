/** An SS58 address as `5Grwva..utQY`; what is short already stays. */
export function shortAddress(address: string): string {
  return address.length <= 14 ? address : `${address.slice(0, 6)}..${address.slice(-4)}`
}
