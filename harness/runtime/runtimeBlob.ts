import { Decompress } from 'fzstd'
import { blobUnreadable } from '../errors/runtime.js'
import { concatBytes } from './wasmBytes.js'

/** What a compressed `:code` begins with; a Zstandard frame follows. */
const compressedPrefix = Uint8Array.of(0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05)

/** As in nodes: a larger runtime is refused. */
const maxRuntimeBytes = 50 * 1024 * 1024

export function isCompressed(code: Uint8Array): boolean {
  return compressedPrefix.every((byte, at) => code[at] === byte)
}

/** A `:code` value as chains store it: Zstandard after its prefix. The same bytes for the same wasm. */
export async function compressRuntime(wasm: Uint8Array): Promise<Uint8Array> {
  // 240 kB that only a compression needs.
  const { Zstd } = await import('@hpcc-js/wasm-zstd')
  const zstd = await Zstd.load()
  // The levels above take ten times as long for a tenth less.
  const level = 10
  return concatBytes([compressedPrefix, zstd.compress(wasm, level)])
}

/** The wasm of a `:code` value, which may be compressed.
 *  @throws E316 if it is damaged or, decompressed, larger than `maxBytes` */
export function expandRuntime(code: Uint8Array, maxBytes = maxRuntimeBytes): Uint8Array {
  if (!isCompressed(code)) return code
  const frame = code.subarray(compressedPrefix.length)
  if (windowBytes(frame) > maxBytes) throw blobUnreadable({ reason: `its window is larger than ${maxBytes} bytes` })
  const parts: Uint8Array[] = []
  let length = 0
  let complete = false
  const stream = new Decompress((part, final) => {
    length += part.length
    if (length > maxBytes) throw blobUnreadable({ reason: `it is larger than ${maxBytes} bytes` })
    parts.push(part.slice())
    complete ||= final === true
  })
  // In pieces, so that the limit is checked as the blob grows.
  const pieceBytes = 65_536
  for (let start = 0; start < frame.length; start += pieceBytes) {
    const end = Math.min(start + pieceBytes, frame.length)
    try {
      stream.push(frame.subarray(start, end), end === frame.length)
    } catch (error) {
      if (error instanceof Error && error.name === 'EpochdiffError') throw error
      throw blobUnreadable({ reason: error instanceof Error ? error.message : String(error) }, { cause: error })
    }
  }
  if (!complete) throw blobUnreadable({ reason: 'it ends too early' })
  return concatBytes(parts)
}

/** How much memory a Zstandard frame asks for before any data (RFC 8878, 3.1.1.1). */
function windowBytes(frame: Uint8Array): number {
  const [m0, m1, m2, m3, descriptor = 0] = frame
  if (m0 !== 0x28 || m1 !== 0xb5 || m2 !== 0x2f || m3 !== 0xfd) {
    throw blobUnreadable({ reason: 'what follows the prefix is not Zstandard data' })
  }
  const singleSegment = (descriptor & 0x20) !== 0
  if (!singleSegment) {
    const window = frame[5] ?? 0
    const base = 2 ** (10 + (window >> 3))
    return base + (base / 8) * (window & 7)
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const sizeBytes = [1, 2, 4, 8][descriptor >> 6] ?? 0
  let size = sizeBytes === 2 ? 256 : 0
  for (let at = 0; at < sizeBytes; at += 1) size += (frame[5 + dictionaryBytes + at] ?? 0) * 256 ** at
  return size
}
