import type { Hex } from '../../fork/forkState.js'

/** A storage key as a string of one character per byte: cheap to hash, and ordered as the bytes are. Keys of child tries live in the
 *  same map behind two characters that no byte has, which sorts them after every key of the main trie. */
export type StorageKey = string

/** Keys of child tries begin with it and those of the main trie lie before it. */
export const childStart = '\u0101'
const childSeparator = '\u0100'
const childPrefix = ':child_storage:default:'
const childPrefixHex = Buffer.from(childPrefix).toString('hex')
const childNameHexLength = 64

export function childKey(trie: StorageKey, key: StorageKey): StorageKey {
  return childStart + trie + childSeparator + key
}

export function isChildKey(key: StorageKey): boolean {
  return key.startsWith(childStart)
}

/** In raw storage a child's entry stands under `:child_storage:default:`, the trie's name (32 bytes, as Chopsticks takes it) and its key. */
export function keyFromHex(hex: Hex): StorageKey {
  const digits = digitsOf(hex)
  const nameAt = childPrefixHex.length
  if (!digits.startsWith(childPrefixHex) || digits.length <= nameAt + childNameHexLength)
    return latin1FromDigits(digits)
  return childKey(
    latin1FromDigits(digits.slice(nameAt, nameAt + childNameHexLength)),
    latin1FromDigits(digits.slice(nameAt + childNameHexLength)),
  )
}

/** The key in raw storage, a character a byte. */
export function rawKey(key: StorageKey): string {
  return isChildKey(key) ? childPrefix + key.slice(1).replaceAll(childSeparator, '') : key
}

export function keyToHex(key: StorageKey): Hex {
  return `0x${Buffer.from(rawKey(key), 'latin1').toString('hex')}`
}

export function bytesFromHex(hex: Hex): Uint8Array {
  return bytesFromDigits(digitsOf(hex))
}

export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}

/** @throws Error without the prefix: the two digits would be lost in silence */
function digitsOf(hex: Hex): string {
  if (!hex.startsWith('0x')) throw new Error(`No 0x before ${hex.slice(0, 80)}`)
  return hex.slice(2)
}

/** As `keyFromHex`, of the main trie alone. */
export function mainKeyFromHex(hex: Hex): StorageKey {
  return latin1FromDigits(digitsOf(hex))
}

function latin1FromDigits(digits: string): string {
  return bytesFromDigits(digits).toString('latin1')
}

/** @throws Error when the digits are no whole bytes of hexadecimal: `Buffer` alone would cut the rest off in silence */
function bytesFromDigits(digits: string): Buffer {
  const bytes = Buffer.from(digits, 'hex')
  if (bytes.length * 2 !== digits.length) throw new Error(`No hexadecimal: 0x${digits.slice(0, 80)}`)
  return bytes
}
