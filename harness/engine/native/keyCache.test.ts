import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { GuestMemory, packSpan } from './guestMemory.js'
import { cachedKeys } from './keyCache.js'
import { wasm } from './webassembly.js'

const memory = new GuestMemory(2 ** 20)
memory.attach(new wasm.Memory({ initial: 1, maximum: 16 }))

function countingKeys() {
  const counter = { made: 0 }
  const keyOf = cachedKeys(memory, (offset, length) => {
    counter.made += 1
    return Buffer.from(memory.bytes.slice(offset, offset + length)).toString('latin1')
  })
  return { counter, keyOf }
}

describe('storage keys of the runtime', () => {
  it('are the bytes, whatever was asked before', () => {
    const { keyOf } = countingKeys()
    // Few distinct bytes and lengths: many repeated and many nearly equal keys.
    const bytes = fc.array(fc.constantFrom(0, 1, 255), { maxLength: 9 })
    fc.assert(
      fc.property(bytes, fc.nat(7), (key, offset) => {
        memory.bytes.fill(170)
        memory.bytes.set(key, 100 + offset)
        expect(keyOf(100 + offset, key.length)).toBe(String.fromCharCode(...key))
      }),
      { numRuns: 5_000 },
    )
  })

  it('differ when any one of their bytes does', () => {
    const { counter, keyOf } = countingKeys()
    memory.bytes.fill(7, 0, 128)
    const first = keyOf(0, 101)
    for (let at = 0; at < 101; at += 1) {
      memory.bytes[at] = 8
      expect(keyOf(0, 101)).not.toBe(first)
      memory.bytes[at] = 7
    }
    expect(keyOf(0, 101)).toBe(first)
    expect(counter.made).toBeGreaterThan(101)
  })

  it('are made once while they are in use', () => {
    const { counter, keyOf } = countingKeys()
    for (let round = 0; round < 3; round += 1)
      for (let index = 0; index < 1_000; index += 1) {
        memory.view.setUint32(64, index, true)
        expect(keyOf(0, 80)).toHaveLength(80)
      }
    expect(counter.made).toBe(1_000)
  })

  it('stay right when there are more of them than are remembered', () => {
    const { counter, keyOf } = countingKeys()
    for (let round = 0; round < 2; round += 1)
      for (let index = 0; index < 80_000; index += 1) {
        memory.view.setUint32(40, index * 7, true)
        const key = keyOf(0, 44)
        if (index % 97 === 0) expect(Buffer.from(key, 'latin1').readUInt32LE(40)).toBe(index * 7)
      }
    expect(counter.made).toBeGreaterThan(80_000)
    expect(counter.made).toBeLessThan(160_000)
  })

  it('may be of any length, and at any place', () => {
    const { keyOf } = countingKeys()
    for (const length of [0, 1, 3, 4, 5, 127, 128, 129, 1_000])
      for (const offset of [3, 64])
        expect(keyOf(offset, length)).toBe(Buffer.from(memory.bytes.slice(offset, offset + length)).toString('latin1'))
  })

  it('come from the memory as it is now', () => {
    memory.bytes.set(Buffer.from('before'), 512)
    expect(memory.latin1(packSpan(512, 6))).toBe('before')
    memory.growTo(2 * 65_536)
    memory.bytes.set(Buffer.from('after!'), 512)
    expect(memory.latin1(packSpan(512, 6))).toBe('after!')
  })
})
