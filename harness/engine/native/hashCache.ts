import type { GuestMemory } from './guestMemory.js'
import { SeenBytes } from './seenBytes.js'

const slots = 1 << 15
const longestInput = 64

export type HashFunction = (input: Uint8Array) => Uint8Array

/** A hash function over the runtime's memory that keeps its latest results: a runtime hashes the same names and accounts over and over,
 *  fifty thousand times an epoch.
 *  @param hashBytes a multiple of 4 */
export function cachedHash(memory: GuestMemory, hash: HashFunction, hashBytes: number) {
  const hashWords = hashBytes / 4
  const seen = new SeenBytes(memory, slots, longestInput)
  const results = new Int32Array(slots * hashWords)

  /** Writes the hash of `length` bytes at `offset` to `out`, which is a multiple of 4; both ranges lie in the memory. */
  return (offset: number, length: number, out: number): void => {
    if (!seen.takes(length)) {
      memory.bytes.set(hash(memory.bytes.subarray(offset, offset + length)), out)
      return
    }
    let slot = seen.find(offset, length)
    if (slot < 0) {
      const fresh = hash(memory.bytes.slice(offset, offset + length))
      slot = seen.add(offset, length)
      results.set(new Int32Array(fresh.buffer, fresh.byteOffset, hashWords), slot * hashWords)
    }
    const { words } = memory
    const from = slot * hashWords
    const to = out >>> 2
    for (let index = 0; index < hashWords; index += 1) words[to + index] = results[from + index] as number
  }
}
