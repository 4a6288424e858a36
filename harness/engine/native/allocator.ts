import { GuestTrap } from './guestFault.js'
import type { GuestMemory } from './guestMemory.js'

const headerBytes = 8
const smallest = 8
const largest = 33_554_432
const orders = 23
const nil = 0xffff_ffff
const occupied = 1

/** The freeing bump allocator that Substrate's host gives every runtime: 23 size classes of 8 << order bytes, an 8-byte header
 *  before each block (order and the mark `occupied`, or the link to the next free block of its class), freed blocks reused
 *  first, else the heap's end moves on. The same pointers come out as in a node, so a runtime sees the same memory. */
export class Allocator {
  readonly #freeHeads = new Uint32Array(orders).fill(nil)
  #end = 0
  #ready = false

  constructor(readonly memory: GuestMemory) {}

  /** Forgets every allocation and starts a heap at `heapBase`; `undefined` closes the heap. */
  reset(heapBase: number | undefined): void {
    this.#freeHeads.fill(nil)
    this.#end = ((heapBase ?? 0) + headerBytes - 1) & -headerBytes
    this.#ready = heapBase !== undefined
  }

  /** @returns offset of at least `size` bytes, 8-byte aligned
   *  @throws GuestTrap for more than 32 MiB or a broken header, LimitExceeded when the memory may grow no further */
  malloc(size: number): number {
    if (size < 0 || size > largest)
      throw new GuestTrap(`it asked for ${size >>> 0} bytes at once; ${largest} is the most`)
    if (!this.#ready) throw new GuestTrap('it asked for memory before its heap was known')
    const order = size <= smallest ? 0 : 29 - Math.clz32(size - 1)
    const { memory } = this
    const head = this.#freeHeads[order] as number
    let header: number
    if (head === nil) {
      header = this.#end
      const end = header + (smallest << order) + headerBytes
      if (end > memory.bytes.length) this.#grow(end)
      this.#end = end
    } else {
      header = head
      memory.check(header, headerBytes + (smallest << order))
      const word = header >>> 2
      if ((memory.words[word + 1] as number) & occupied) throw new GuestTrap('it wrote over the header of a free block')
      this.#freeHeads[order] = memory.words[word] as number
    }
    const word = header >>> 2
    memory.words[word] = order
    memory.words[word + 1] = occupied
    return header + headerBytes
  }

  /** @throws GuestTrap when `pointer` is no block of this heap */
  free(pointer: number): void {
    const header = (pointer >>> 0) - headerBytes
    if (header < 0 || header & (headerBytes - 1)) throw new GuestTrap(`it freed ${pointer >>> 0}, which is no block`)
    const { memory } = this
    memory.check(header, headerBytes)
    const word = header >>> 2
    const order = memory.words[word] as number
    if (!((memory.words[word + 1] as number) & occupied) || order >= orders)
      throw new GuestTrap(`it freed ${pointer >>> 0}, which is no block in use`)
    memory.words[word] = this.#freeHeads[order] as number
    memory.words[word + 1] = 0
    this.#freeHeads[order] = header
  }

  #grow(end: number): void {
    this.memory.refresh()
    if (end > this.memory.bytes.length) this.memory.growTo(end)
  }
}
