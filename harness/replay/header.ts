import { blake2AsU8a } from '../fork/polkadotPackages.js'
import type { Hex } from '../fork/forkState.js'

/** No digest items. */
export const EMPTY_DIGEST: Hex = '0x00'
const ZERO_ROOT = '00'.repeat(32)

/** SCALE compact integer, for block numbers below 2^32. */
function compact(value: number): string {
  const bytes = Buffer.alloc(5)
  if (value < 1 << 6) return bytes.subarray(0, bytes.writeUInt8(value << 2)).toString('hex')
  if (value < 1 << 14) return bytes.subarray(0, bytes.writeUInt16LE((value << 2) | 1)).toString('hex')
  if (value < 1 << 30) return bytes.subarray(0, bytes.writeUInt32LE(value * 4 + 2)).toString('hex')
  bytes.writeUInt8(3)
  return bytes.subarray(0, bytes.writeUInt32LE(value, 1)).toString('hex')
}

/** SCALE header that opens a block: parent hash, compact number, zero state and extrinsics roots, digest.
 *  @param digest SCALE list of digest items */
export function encodeHeader(block: { number: number; parentHash: Hex; digest?: Hex }): Hex {
  const { number, parentHash, digest = EMPTY_DIGEST } = block
  return `0x${parentHash.slice(2)}${compact(number)}${ZERO_ROOT}${ZERO_ROOT}${digest.slice(2)}`
}

/** Hash of a block by its header. */
export function headerHash(header: Hex): Hex {
  return `0x${Buffer.from(blake2AsU8a(Buffer.from(header.slice(2), 'hex'), 256)).toString('hex')}`
}
