const inputLimit = 64
const slots = 1 << 14

export type HashFunction = (input: Uint8Array) => Uint8Array

/** A hash function over ranges of a memory that keeps its latest results. A runtime hashes the same names and accounts over and
 *  over: tens of thousands of times an epoch. Each short input has one slot, and a result is taken from it only after
 *  the input was compared byte for byte; nothing is allocated for a hit. */
export function cachedHash(hash: HashFunction, hashBytes: number) {
  // One more than the input's length, so that 0 is an empty slot.
  const lengths = new Uint8Array(slots)
  const inputs = new Uint8Array(slots * inputLimit)
  const results = new Uint8Array(slots * hashBytes)

  /** Writes the hash of `source[offset, offset + length)` to `target` at `to`; both ranges are in bounds. */
  return (source: Uint8Array, offset: number, length: number, target: Uint8Array, to: number): void => {
    if (length > inputLimit) {
      target.set(hash(source.subarray(offset, offset + length)), to)
      return
    }
    let mix = 0x811c9dc5 ^ length
    for (let index = 0; index < length; index += 1)
      mix = Math.imul(mix ^ (source[offset + index] as number), 0x01000193)
    const slot = ((mix >>> 16) ^ mix) & (slots - 1)
    const inputAt = slot * inputLimit
    const resultAt = slot * hashBytes
    let hit = lengths[slot] === length + 1
    for (let index = 0; hit && index < length; index += 1) hit = inputs[inputAt + index] === source[offset + index]
    if (!hit) {
      inputs.set(source.subarray(offset, offset + length), inputAt)
      lengths[slot] = length + 1
      results.set(hash(source.slice(offset, offset + length)), resultAt)
    }
    for (let index = 0; index < hashBytes; index += 1) target[to + index] = results[resultAt + index] as number
  }
}
