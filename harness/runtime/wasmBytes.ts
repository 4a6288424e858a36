import { wasmUnreadable } from '../errors/runtime.js'

/** Reads WebAssembly's primitive encodings from `start` to `end`, never beyond.
 *  @throws E302 naming `what` and the offset in `bytes` */
export class WasmReader {
  offset: number

  constructor(
    readonly bytes: Uint8Array,
    /** What is read, for the error. */
    private readonly what: string,
    start = 0,
    readonly end = bytes.length,
  ) {
    this.offset = start
  }

  get done(): boolean {
    return this.offset >= this.end
  }

  fail(reason: string): never {
    throw wasmUnreadable({ what: this.what, reason, offset: this.offset })
  }

  u8(): number {
    const byte = this.offset < this.end ? this.bytes[this.offset] : undefined
    if (byte === undefined) this.fail('ends too early')
    this.offset += 1
    return byte
  }

  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8()
      if (shift === 28 && byte > 0x0f) this.fail('holds an integer of more than 32 bits')
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    return this.fail('holds an integer of more than 32 bits')
  }

  /** Steps over a signed or unsigned integer of at most `bits` bits. */
  skipInteger(bits: 32 | 33 | 64): void {
    for (let count = 0; count < Math.ceil(bits / 7); count += 1) {
      if (this.u8() < 0x80) return
    }
    this.fail(`holds an integer of more than ${bits} bits`)
  }

  skip(length: number): void {
    if (length > this.end - this.offset) this.fail('ends too early')
    this.offset += length
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    this.skip(length)
    return this.bytes.subarray(this.offset - length, this.offset)
  }

  name(): string {
    const bytes = this.take(this.u32())
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      return this.fail('holds a name that is not UTF-8')
    }
  }

  /** A vector's length; every element takes at least one byte. */
  count(): number {
    const count = this.u32()
    if (count > this.end - this.offset) this.fail(`announces ${count} elements and ends before them`)
    return count
  }

  list<Element>(element: () => Element): Element[] {
    return Array.from({ length: this.count() }, element)
  }

  /** A reader of the next `length` bytes, which this one steps over. */
  part(length: number): WasmReader {
    this.skip(length)
    return new WasmReader(this.bytes, this.what, this.offset - length, this.offset)
  }
}

export function encodeU32(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return Uint8Array.from(bytes)
}

export function encodeS32(value: number): Uint8Array {
  return encodeS64(BigInt(value | 0))
}

/** Of a 32-bit value too: the encoding does not depend on the width. */
export function encodeS64(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asIntN(64, value)
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    const last = (rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)
    bytes.push(last ? low : low + 128)
    if (last) return Uint8Array.from(bytes)
  }
}

export function encodeName(name: string): Uint8Array {
  return withLength(new TextEncoder().encode(name))
}

/** `bytes` after their length, as sections, bodies and names are stored. */
export function withLength(bytes: Uint8Array): Uint8Array {
  return concatBytes([encodeU32(bytes.length), bytes])
}

export function encodeVector(elements: readonly Uint8Array[]): Uint8Array {
  return concatBytes([encodeU32(elements.length), ...elements])
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
