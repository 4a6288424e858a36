import { spanLength, spanOffset, type GuestMemory } from './guestMemory.js'
import type { Overlay } from './overlay.js'
import { SeenBytes } from './seenBytes.js'
import type { StorageKey } from './storageKey.js'

const slots = 1 << 16
const longestKey = 128

/** The overlay's main trie by keys that lie in the runtime's memory. A runtime asks for the same values over and over: the key of
 *  one that was asked for lately is found by its bytes, with the value beside it, so that no string is made and no map is
 *  searched. Everything that writes single keys of the main trie goes through here. */
export class MainTrie {
  readonly #seen: SeenBytes
  readonly #keys = new Array<StorageKey>(slots).fill('')
  readonly #values = new Array<Uint8Array | undefined>(slots).fill(undefined)
  /** The overlay's era in which a slot's value was taken: it holds in that era alone. */
  readonly #eras = new Float64Array(slots)

  constructor(
    readonly memory: GuestMemory,
    readonly overlay: Overlay,
  ) {
    this.#seen = new SeenBytes(memory, slots, longestKey)
  }

  /** The key as a string: the same one for the same bytes, which already knows its hash. */
  key(span: bigint): StorageKey {
    const slot = this.#slot(span)
    return slot < 0 ? this.memory.latin1(span) : (this.#keys[slot] as StorageKey)
  }

  get(span: bigint): Uint8Array | undefined {
    const slot = this.#slot(span)
    if (slot < 0) return this.overlay.get(this.memory.latin1(span))
    const { era } = this.overlay
    if (this.#eras[slot] === era) return this.#values[slot]
    const value = this.overlay.get(this.#keys[slot] as StorageKey)
    this.#values[slot] = value
    this.#eras[slot] = era
    return value
  }

  set(span: bigint, value: Uint8Array | null): void {
    const slot = this.#slot(span)
    if (slot < 0) {
      this.overlay.set(this.memory.latin1(span), value)
      return
    }
    this.overlay.set(this.#keys[slot] as StorageKey, value)
    this.#values[slot] = value ?? undefined
    this.#eras[slot] = this.overlay.era
  }

  append(span: bigint, item: Uint8Array): void {
    const slot = this.#slot(span)
    if (slot >= 0) this.#eras[slot] = 0
    this.overlay.append(slot < 0 ? this.memory.latin1(span) : (this.#keys[slot] as StorageKey), item)
  }

  /** Where the key is kept; -1 for one that is too short or too long. */
  #slot(span: bigint): number {
    const offset = spanOffset(span)
    const length = spanLength(span)
    this.memory.check(offset, length)
    if (!this.#seen.takes(length)) return -1
    const known = this.#seen.find(offset, length)
    if (known >= 0) return known
    const slot = this.#seen.add(offset, length)
    this.#keys[slot] = this.memory.latin1(span)
    this.#eras[slot] = 0
    return slot
  }
}
