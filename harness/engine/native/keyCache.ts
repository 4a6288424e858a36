import type { GuestMemory } from './guestMemory.js'
import { SeenBytes } from './seenBytes.js'
import type { StorageKey } from './storageKey.js'

const slots = 1 << 16
const longestKey = 128

/** Storage keys in the runtime's memory as strings. A key that was asked for before comes back as the same string, which already
 *  knows its hash: making a new one for each access and hashing it is most of what reading a value costs.
 *  @param make reads a key that lies in the memory */
export function cachedKeys(memory: GuestMemory, make: (offset: number, length: number) => StorageKey) {
  const seen = new SeenBytes(memory, slots, longestKey)
  const keys = new Array<StorageKey>(slots).fill('')

  return (offset: number, length: number): StorageKey => {
    if (!seen.takes(length)) return make(offset, length)
    const known = seen.find(offset, length)
    if (known >= 0) return keys[known] as StorageKey
    const key = make(offset, length)
    keys[seen.add(offset, length)] = key
    return key
  }
}
