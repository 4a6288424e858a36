import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { GuestMemory, packSpan } from './guestMemory.js'
import { KnownState } from '../../fork/knownState.js'
import { MainTrie } from './mainTrie.js'
import { Overlay } from './overlay.js'
import { wasm } from './webassembly.js'

class CountingMemory extends GuestMemory {
  made = 0

  override latin1(span: bigint): string {
    this.made += 1
    return super.latin1(span)
  }
}

const memory = new CountingMemory(2 ** 20)
memory.attach(new wasm.Memory({ initial: 1, maximum: 16 }))

/** The keys of a trie of its own; counts the strings that are made from now on. */
function countingKeys() {
  memory.made = 0
  const trie = new MainTrie(memory, new Overlay(new KnownState(), 2 ** 20))
  return { counter: memory, keyOf: (offset: number, length: number) => trie.key(packSpan(offset, length)) }
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

describe('values of the main trie', () => {
  const limit = 2 ** 30
  const key = fc.array(fc.constantFrom(1, 2), { minLength: 3, maxLength: 6 })
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('set' as const, 'append' as const),
        key,
        value: fc.uint8Array({ maxLength: 3 }),
      }),
    },
    fc.record({ kind: fc.constantFrom('remove' as const, 'clearPrefix' as const), key }),
    fc.record({ kind: fc.constantFrom('start' as const, 'commit' as const, 'rollback' as const, 'end' as const) }),
  )

  it('are those of an overlay of its own, whatever was done before', () => {
    const span = (bytes: readonly number[]): bigint => {
      memory.bytes.set(bytes, 64)
      return packSpan(64, bytes.length)
    }
    // One for all sequences: what it remembers of the one before is wrong in the next.
    const overlay = new Overlay(new KnownState(), limit)
    const trie = new MainTrie(memory, overlay)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const plain = new Overlay(new KnownState(), limit)
        overlay.base.apply([...overlay.base.values.keys()].map((key) => [key, null]))
        overlay.reset()
        let depth = 0
        for (const at of steps) {
          const text = 'key' in at ? String.fromCharCode(...at.key) : ''
          if (at.kind === 'get') expect(trie.get(span(at.key))).toEqual(plain.get(text))
          else if (at.kind === 'set' || at.kind === 'append') {
            trie[at.kind](span(at.key), at.value)
            plain[at.kind](text, at.value)
          } else if (at.kind === 'remove') {
            trie.set(span(at.key), null)
            plain.set(text, null)
          } else if (at.kind === 'end')
            // The end of a call: what it wrote is committed, and the next one begins.
            for (const each of [plain, overlay]) {
              each.base.apply(each.changes())
              each.reset()
              depth = 0
            }
          else if (at.kind === 'clearPrefix') for (const each of [plain, overlay]) each.clearPrefix(text, undefined)
          else if (at.kind === 'start') {
            depth += 1
            for (const each of [plain, overlay]) each.startTransaction()
          } else if (depth > 0) {
            depth -= 1
            for (const each of [plain, overlay])
              if (at.kind === 'commit') each.commitTransaction()
              else each.rollbackTransaction()
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
