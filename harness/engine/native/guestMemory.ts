import { GuestTrap } from './guestFault.js'
import type { WasmMemory } from './webassembly.js'

const pair = new BigInt64Array(1)
const halves = new Uint32Array(pair.buffer)

/** Bounds-checked access to the linear memory of the running instance. A span is the ABI's pointer-size: a 64-bit integer
 *  with the offset in its low and the length in its high half. */
export class GuestMemory {
  /** The whole memory; replaced when it grows, so never kept across a host function. */
  bytes = new Uint8Array(0)
  words = new Uint32Array(0)
  view = new DataView(new ArrayBuffer(0))
  #buffer = Buffer.alloc(0)
  #memory: WasmMemory | undefined

  attach(memory: WasmMemory): void {
    this.#memory = memory
    this.refresh()
  }

  /** Takes up the memory's present size: growing detaches every older view, which then has length 0. */
  refresh(): void {
    if (!this.#memory) throw new Error('No memory is attached.')
    const { buffer } = this.#memory
    this.bytes = new Uint8Array(buffer)
    this.words = new Uint32Array(buffer)
    this.view = new DataView(buffer)
    this.#buffer = Buffer.from(buffer)
  }

  /** Makes sure that the range lies inside the memory. */
  check(offset: number, length: number): void {
    const size = this.bytes.length
    // A detached view has no length, and an empty range would seem to lie in it.
    if (size > 0 && offset + length <= size) return
    this.refresh()
    if (offset + length > this.bytes.length)
      throw new GuestTrap(`a host function was passed ${length} bytes at ${offset}, beyond the end of the memory`)
  }

  /** A copy of a span. */
  copy(span: bigint): Uint8Array {
    pair[0] = span
    return this.copyAt(halves[0] as number, halves[1] as number)
  }

  copyAt(offset: number, length: number): Uint8Array {
    this.check(offset, length)
    return this.bytes.slice(offset, offset + length)
  }

  /** A span as a string of one character per byte: what storage keys are. */
  latin1(span: bigint): string {
    pair[0] = span
    return this.latin1At(halves[0] as number, halves[1] as number)
  }

  latin1At(offset: number, length: number): string {
    this.check(offset, length)
    return this.#buffer.toString('latin1', offset, offset + length)
  }

  utf8(span: bigint, limitBytes: number): string {
    pair[0] = span
    const offset = halves[0] as number
    const length = halves[1] as number
    this.check(offset, length)
    return this.#buffer.toString('utf8', offset, offset + Math.min(length, limitBytes))
  }

  write(offset: number, bytes: Uint8Array): void {
    this.check(offset, bytes.length)
    this.bytes.set(bytes, offset)
  }

  /** As `latin1` reads it. */
  writeLatin1(offset: number, text: string): void {
    this.check(offset, text.length)
    this.#buffer.write(text, offset, 'latin1')
  }
}

/** A span from its parts. */
export function packSpan(offset: number, length: number): bigint {
  halves[0] = offset
  halves[1] = length
  return pair[0] as bigint
}

export function spanOffset(span: bigint): number {
  pair[0] = span
  return halves[0] as number
}

export function spanLength(span: bigint): number {
  pair[0] = span
  return halves[1] as number
}
