import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Hex } from '../../fork/forkState.js'
import { blake2b256 } from './hashes.js'
import { openStateTrie } from './stateTrie.js'
import { type StateVersion, trieRoot } from './trieRoot.js'

const bytes = (hex: Hex): Uint8Array => Buffer.from(hex.slice(2), 'hex')
const hex = (raw: Uint8Array): Hex => `0x${Buffer.from(raw).toString('hex')}`
const atOnce = (entries: ReadonlyMap<Hex, Hex>, version: StateVersion): Hex =>
  hex(
    trieRoot(
      [...entries].map(([key, value]) => [bytes(key), bytes(value)]),
      version,
      blake2b256,
    ),
  )

/** Short keys of few bytes: they are prefixes of each other. */
const key = fc.array(fc.constantFrom(0x00, 0x01, 0x10, 0xff), { maxLength: 5 }).map((raw) => hex(Uint8Array.from(raw)))
const value = fc.uint8Array({ maxLength: 40 }).map(hex)
const diff = fc.array(fc.tuple(key, fc.option(value)), { maxLength: 8 })

it('after every change the root is that of the whole state, in both versions', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, value), { maxLength: 20 }),
      fc.array(fc.tuple(diff, fc.constantFrom<StateVersion>(0, 1)), { maxLength: 8 }),
      (start, steps) => {
        const expected = new Map(start)
        const trie = openStateTrie(expected)
        expect(trie.root(1)).toBe(atOnce(expected, 1))
        for (const [changes, version] of steps) {
          for (const [changed, to] of changes) {
            if (to === null) expected.delete(changed)
            else expected.set(changed, to)
          }
          trie.apply(changes)
          expect(trie.root(version)).toBe(atOnce(expected, version))
          expect(new Map([...trie.entries].sort())).toEqual(new Map([...expected].sort()))
        }
      },
    ),
    { numRuns: 100 },
  )
})
