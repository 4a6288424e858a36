import { describe, expect, it } from '@jest/globals'
import { expandRuntime } from './runtimeBlob.js'

const prefix = '52bc537646db8e05'
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const header = '0061736d01000000'

// Zstandard frames made with the reference implementation, in all three forms of the size.
const repeatedHeader = '28b52ffd2428750000400061736d010000000100f1cb053da48416'
const repeatedHeaderStreamed = '28b52ffd0068750000400061736d010000000100f1cb05'
const zeros300 = '28b52ffd642c0045000008000100282a100290ea003a'
const zeros200000 = '28b52ffda4400d03004c000008000100fcff391002036a0800c4e97470'

describe('expandRuntime', () => {
  it('gives an uncompressed runtime as it is', () => {
    const runtime = bytes(header)
    expect(expandRuntime(runtime)).toBe(runtime)
    expect(expandRuntime(new Uint8Array())).toEqual(new Uint8Array())
  })

  it('decompresses', () => {
    expect(Buffer.from(expandRuntime(bytes(prefix + repeatedHeader))).toString('hex')).toBe(header.repeat(5))
    expect(Buffer.from(expandRuntime(bytes(prefix + repeatedHeaderStreamed))).toString('hex')).toBe(header.repeat(5))
    expect(expandRuntime(bytes(prefix + zeros300))).toEqual(new Uint8Array(300))
    expect(expandRuntime(bytes(prefix + zeros200000))).toEqual(new Uint8Array(200_000))
  })

  it('stops at the limit, whether the frame states its size or not', () => {
    expect(() => expandRuntime(bytes(prefix + zeros200000), 199_999)).toThrow(/E316.*larger than 199999/)
    expect(expandRuntime(bytes(prefix + zeros200000), 200_000).length).toBe(200_000)
    expect(() => expandRuntime(bytes(prefix + repeatedHeaderStreamed), 39)).toThrow(/E316.*larger than 39/)
    // A window of nearly 2 GiB, which a decompressor would allocate first.
    expect(() => expandRuntime(bytes(`${prefix}28b52ffd00a8750000400061736d01000000`))).toThrow(/E316.*window/)
  })

  it('refuses damaged data', () => {
    expect(() => expandRuntime(bytes(prefix))).toThrow(/E316/)
    expect(() => expandRuntime(bytes(`${prefix}00112233445566`))).toThrow(/E316.*not Zstandard/)
    for (let length = 8; length < 8 + repeatedHeader.length / 2 - 4; length += 1) {
      expect(() => expandRuntime(bytes(prefix + repeatedHeader).subarray(0, length))).toThrow(/E316/)
    }
  })
})
