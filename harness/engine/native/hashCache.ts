import type { GuestMemory } from './guestMemory.js'

const inputLimit = 64
const inputWords = inputLimit / 4
const slots = 1 << 15

export type HashFunction = (input: Uint8Array) => Uint8Array

/** A hash function over the runtime's memory that keeps its latest results. A runtime hashes the same names and accounts over and over:
 *  fifty thousand times an epoch. Each short input has one slot, and a result is taken from it only after the whole input was
 *  compared; nothing is allocated for a hit. Inputs are handled by words: the last word of an uneven input overlaps the one
 *  before, so length and words together tell inputs apart.
 *  @param hashBytes a multiple of 4 */
export function cachedHash(memory: GuestMemory, hash: HashFunction, hashBytes: number) {
  const hashWords = hashBytes / 4
  // One more than the input's length, so that 0 is an empty slot.
  const lengths = new Uint8Array(slots)
  const inputs = new Int32Array(slots * inputWords)
  const results = new Int32Array(slots * hashWords)
  const input = new Int32Array(inputWords)

  /** Writes the hash of `length` bytes at `offset` to `out`, which is a multiple of 4; both ranges lie in the memory. */
  return (offset: number, length: number, out: number): void => {
    if (length < 4 || length > inputLimit) {
      memory.bytes.set(hash(memory.bytes.subarray(offset, offset + length)), out)
      return
    }
    const { view, words } = memory
    const count = (length + 3) >>> 2
    let mix = length
    for (let index = 0; index < count; index += 1) {
      const word = view.getInt32(offset + (index < count - 1 ? index * 4 : length - 4), true)
      input[index] = word
      mix = Math.imul(mix ^ word, 0x9e3779b1)
      mix ^= mix >>> 15
    }
    const slot = mix & (slots - 1)
    const inputAt = slot * inputWords
    const resultAt = slot * hashWords
    let hit = lengths[slot] === length + 1
    for (let index = 0; hit && index < count; index += 1) hit = inputs[inputAt + index] === input[index]
    if (!hit) {
      const fresh = hash(memory.bytes.slice(offset, offset + length))
      lengths[slot] = length + 1
      inputs.set(input.subarray(0, count), inputAt)
      results.set(new Int32Array(fresh.buffer, fresh.byteOffset, hashWords), resultAt)
    }
    const to = out >>> 2
    for (let index = 0; index < hashWords; index += 1) words[to + index] = results[resultAt + index] as number
  }
}
