import type { GuestMemory } from './guestMemory.js'

const ways = 4
const shortest = 4
/** Bits of a tag that hold the length. */
const lengthMask = 0xff

/** A table of byte strings that the runtime passed: the same few thousand names, accounts and keys come over and over. A string may stand in
 *  any of the 4 slots of its set and pushes out one of them when it is new. A slot is found by a hash but believed only after
 *  all bytes were compared; nothing is allocated. Bytes are handled by words: the last word of an uneven string overlaps the
 *  one before, so length and words together tell strings apart. */
export class SeenBytes {
  /** Hash and length of each slot's string; 0 is an empty slot, for no string is that short. */
  readonly #tags: Int32Array
  readonly #words: Int32Array
  readonly #slotWords: number
  #turn = 0

  /** @param slots a power of two
   *  @param longest strings of more bytes are not taken: at most 255, a multiple of 4 */
  constructor(
    readonly memory: GuestMemory,
    readonly slots: number,
    readonly longest: number,
  ) {
    this.#slotWords = longest / 4
    this.#tags = new Int32Array(slots)
    this.#words = new Int32Array(slots * this.#slotWords)
  }

  takes(length: number): boolean {
    return length >= shortest && length <= this.longest
  }

  /** Slot of the bytes, which lie in the memory, or -1. */
  find(offset: number, length: number): number {
    const tag = this.#tagOf(offset, length)
    const set = this.#setOf(tag)
    for (let slot = set; slot < set + ways; slot += 1)
      if (this.#tags[slot] === tag && this.#holds(slot, offset, length)) return slot
    return -1
  }

  /** Gives bytes that were not found a slot: an empty one of their set, or else the next in turn. */
  add(offset: number, length: number): number {
    const tag = this.#tagOf(offset, length)
    const set = this.#setOf(tag)
    let slot = set
    while (slot < set + ways && this.#tags[slot] !== 0) slot += 1
    if (slot === set + ways) {
      slot = set + this.#turn
      this.#turn = (this.#turn + 1) % ways
    }
    this.#tags[slot] = tag
    const { view } = this.memory
    const last = length - 4
    let index = slot * this.#slotWords
    for (let at = 0; at < last; at += 4, index += 1) this.#words[index] = view.getInt32(offset + at, true)
    this.#words[index] = view.getInt32(offset + last, true)
    return slot
  }

  #tagOf(offset: number, length: number): number {
    const { view } = this.memory
    const last = length - 4
    let mix = 0
    for (let at = 0; at < last; at += 4) mix = mixed(mix, view.getInt32(offset + at, true))
    mix = mixed(mix, view.getInt32(offset + last, true))
    return (mix & ~lengthMask) | length
  }

  #setOf(tag: number): number {
    return (Math.imul(tag ^ (tag >>> 15), 0x85ebca6b) >>> 8) & (this.slots - ways)
  }

  #holds(slot: number, offset: number, length: number): boolean {
    const { view } = this.memory
    const last = length - 4
    let index = slot * this.#slotWords
    for (let at = 0; at < last; at += 4, index += 1)
      if (this.#words[index] !== view.getInt32(offset + at, true)) return false
    return this.#words[index] === view.getInt32(offset + last, true)
  }
}

function mixed(mix: number, word: number): number {
  return Math.imul(((mix << 5) | (mix >>> 27)) ^ word, 0x9e3779b1)
}
