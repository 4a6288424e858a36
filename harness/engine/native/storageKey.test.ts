import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Hex } from '../../fork/forkState.js'
import { bytesFromHex, childKey, isChildKey, keyFromHex, keyToHex } from './storageKey.js'

const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

it('goes from hexadecimal and back, in the order of the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      expect(keyToHex(keyFromHex(hexOf(a)))).toBe(hexOf(a))
      expect(Math.sign(Buffer.compare(a, b))).toBe(
        keyFromHex(hexOf(a)) < keyFromHex(hexOf(b)) ? -1 : keyFromHex(hexOf(a)) > keyFromHex(hexOf(b)) ? 1 : 0,
      )
    }),
  )
})

describe('child tries', () => {
  const prefix = Buffer.from(':child_storage:default:').toString('hex')
  const name = 'ab'.repeat(32)

  it('are known by their prefix and a name of 32 bytes', () => {
    const key = keyFromHex(`0x${prefix}${name}0100ff`)
    expect(isChildKey(key)).toBe(true)
    expect(key).toBe(childKey('\u00ab'.repeat(32), '\u0001\u0000\u00ff'))
    expect(keyToHex(key)).toBe(`0x${prefix}${name}0100ff`)
  })

  it('sort after every key of the main trie', () => {
    expect(childKey('', '') > '\u00ff'.repeat(100)).toBe(true)
  })
})

it.each(['0x0', '0xzz', '0x00zz', '1234'])('refuses %s instead of cutting it short', (hex) => {
  expect(() => bytesFromHex(hex as Hex)).toThrow()
  expect(() => keyFromHex(hex as Hex)).toThrow()
})
