import { blake2b } from '@noble/hashes/blake2.js'

const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const base = 58n
/** Of the generic Substrate address, and of Bittensor's. */
const prefix = 42
const accountBytes = 32
const checksumBytes = 2
/** Longer than any address of an account. */
const longest = 64

/** SS58 address, prefix 42, of 32 bytes. */
export function encodeAddress(account: Uint8Array): string {
  const body = Buffer.concat([Uint8Array.of(prefix), account])
  const bytes = Buffer.concat([body, checksum(body)])
  let number = BigInt(`0x${bytes.toString('hex')}`)
  let address = ''
  // The prefix comes first and is not zero: no leading zeros to keep.
  for (; number > 0n; number /= base) address = `${digits[Number(number % base)] ?? ''}${address}`
  return address
}

/** The 32 bytes of an account's SS58 address, of any prefix.
 *  @throws RangeError */
export function decodeAddress(address: string): Uint8Array {
  if (address.length > longest) throw new RangeError('it is too long')
  let number = 0n
  for (const digit of address) {
    const value = digits.indexOf(digit)
    if (value < 0) throw new RangeError(`"${digit}" is no digit of base 58`)
    number = number * base + BigInt(value)
  }
  const hex = number === 0n ? '' : number.toString(16)
  // Each leading 1 is a zero byte, such as Polkadot's prefix.
  const zeros = /^1*/.exec(address)?.[0].length ?? 0
  const bytes = Buffer.concat([
    new Uint8Array(zeros),
    Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'),
  ])
  const prefixBytes = ((bytes[0] ?? 0) & 0x40) === 0 ? 1 : 2
  if (bytes.length !== prefixBytes + accountBytes + checksumBytes) throw new RangeError('it is of no account')
  const body = bytes.subarray(0, -checksumBytes)
  if (!checksum(body).equals(bytes.subarray(-checksumBytes))) throw new RangeError('its checksum is wrong')
  return new Uint8Array(body.subarray(prefixBytes))
}

function checksum(body: Uint8Array): Buffer {
  return Buffer.from(blake2b(Buffer.concat([Buffer.from('SS58PRE'), body]))).subarray(0, checksumBytes)
}
