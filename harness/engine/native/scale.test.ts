import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { GuestTrap } from './guestFault.js'
import { decodeCompact, encodeCompact, ScaleReader } from './scale.js'

describe('compact lengths', () => {
  it.each([
    [0, [0x00]],
    [63, [0xfc]],
    [64, [0x01, 0x01]],
    [16_383, [0xfd, 0xff]],
    [16_384, [0x02, 0x00, 0x01, 0x00]],
    [2 ** 30 - 1, [0xfe, 0xff, 0xff, 0xff]],
    [2 ** 30, [0x03, 0x00, 0x00, 0x00, 0x40]],
    [2 ** 32 - 1, [0x03, 0xff, 0xff, 0xff, 0xff]],
  ])('encodes %d', (length, encoded) => {
    expect([...encodeCompact(length)]).toEqual(encoded)
  })

  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (length) => {
        const encoded = encodeCompact(length)
        expect(decodeCompact(encoded)).toEqual({ value: length, size: encoded.length })
        expect(decodeCompact(encoded.subarray(0, -1))).toBeUndefined()
      }),
    )
  })

  it.each([
    ['nothing', []],
    ['a length in more bytes than it needs', [0x01, 0x00]],
    ['the same in four bytes', [0x02, 0x00, 0x00, 0x00]],
    ['the same in five bytes', [0x03, 0x00, 0x00, 0x00, 0x00]],
    ['a length of 64 bits', [0x07, 0, 0, 0, 0, 1]],
  ])('refuses %s', (_, bytes) => {
    expect(decodeCompact(Uint8Array.from(bytes))).toBeUndefined()
  })
})

describe('the reader', () => {
  it('reads in order', () => {
    const reader = new ScaleReader(Uint8Array.of(1, 0x08, 7, 8, 0, 5, 0, 0, 1, 9))
    expect(reader.option(() => [...reader.byteVector()])).toEqual([7, 8])
    expect(reader.option(() => reader.u32())).toBeUndefined()
    expect(reader.u32()).toBe(0x0100_0005)
    expect([...reader.rest()]).toEqual([9])
  })

  it.each([[[0x0c, 1, 2]], [[0x01]], [[]]])('never reads past the end of %j', (bytes) => {
    expect(() => new ScaleReader(Uint8Array.from(bytes)).byteVector()).toThrow(GuestTrap)
  })

  it('refuses an option that is neither none nor some', () => {
    const reader = new ScaleReader(Uint8Array.of(2))
    expect(() => reader.option(() => 1)).toThrow(GuestTrap)
  })
})
