import type { KeyRange } from './keyRanges.js'
import type { Hex } from './forkState.js'

/** The range of all keys that begin with a prefix. */
export function belowPrefix(prefix: Hex): KeyRange<Hex> {
  const bytes = Buffer.from(prefix.slice(2), 'hex')
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0xff) length -= 1
  if (length === 0) return { from: prefix, to: undefined }
  bytes[length - 1] = (bytes[length - 1] as number) + 1
  return { from: prefix, to: `0x${bytes.subarray(0, length).toString('hex')}` }
}

/** The key that comes right after a key: nothing lies between them. */
export const successor = (key: Hex): Hex => `${key}00`
