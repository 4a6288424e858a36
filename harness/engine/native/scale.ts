import { GuestTrap } from './guestFault.js'

/** How many bytes the SCALE compact encoding of a length below 2^32 takes. */
export function compactBytes(length: number): 1 | 2 | 4 | 5 {
  return length < 1 << 6 ? 1 : length < 1 << 14 ? 2 : length < 1 << 30 ? 4 : 5
}

/** Writes the SCALE compact encoding of a length below 2^32; `bytes` has room for it at `offset`. */
export function writeCompact(bytes: Uint8Array, offset: number, length: number): void {
  const size = compactBytes(length)
  let at = offset
  let rest = length
  if (size === 5) {
    bytes[at] = 3
    at += 1
  } else rest = length * 4 + (size >>> 1)
  for (; at < offset + size; at += 1, rest >>>= 8) bytes[at] = rest
}

/** SCALE compact encoding of a length below 2^32. */
export function encodeCompact(length: number): Uint8Array {
  const bytes = new Uint8Array(compactBytes(length))
  writeCompact(bytes, 0, length)
  return bytes
}

/** Length at the head of the bytes and the bytes it takes; `undefined` if they hold no canonical compact u32. */
export function decodeCompact(bytes: Uint8Array): { value: number; size: number } | undefined {
  const [b0, b1 = 0, b2 = 0, b3 = 0, b4 = 0] = bytes
  if (b0 === undefined) return undefined
  const size = [1, 2, 4, 5][b0 & 3] as number
  if (bytes.length < size) return undefined
  if (size === 1) return { value: b0 >>> 2, size }
  if (size === 2) return canonical((b0 | (b1 << 8)) >>> 2, 1 << 6, size)
  if (size === 4) return canonical((b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)) >>> 2, 1 << 14, size)
  return b0 === 3 ? canonical((b1 | (b2 << 8) | (b3 << 16) | (b4 << 24)) >>> 0, 2 ** 30, size) : undefined
}

function canonical(value: number, least: number, size: number): { value: number; size: number } | undefined {
  return value >= least ? { value, size } : undefined
}

/** Reads SCALE bytes that a runtime passed; every length is checked against what is there.
 *  @throws GuestTrap when the bytes end too early or say nonsense */
export class ScaleReader {
  #offset = 0

  constructor(readonly bytes: Uint8Array) {}

  take(length: number): Uint8Array {
    const end = this.#offset + length
    if (end > this.bytes.length) throw new GuestTrap('a host function was passed truncated SCALE bytes')
    const taken = this.bytes.subarray(this.#offset, end)
    this.#offset = end
    return taken
  }

  /** What was not read yet. */
  rest(): Uint8Array {
    return this.bytes.subarray(this.#offset)
  }

  compact(): number {
    const compact = decodeCompact(this.rest())
    if (!compact) throw new GuestTrap('a host function was passed a malformed SCALE length')
    this.#offset += compact.size
    return compact.value
  }

  byteVector(): Uint8Array {
    return this.take(this.compact())
  }

  u32(): number {
    const word = this.take(4)
    return new DataView(word.buffer, word.byteOffset, 4).getUint32(0, true)
  }

  option<T>(read: () => T): T | undefined {
    const [flag] = this.take(1)
    if (flag !== 0 && flag !== 1) throw new GuestTrap('a host function was passed a malformed SCALE option')
    return flag === 1 ? read() : undefined
  }
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

export function encodeU32(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
}
