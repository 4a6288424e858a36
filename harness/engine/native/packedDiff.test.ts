import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { packDiff, unpackDiff } from './packedDiff.js'
import { bytesToHex, childKey, keyToHex, type StorageKey } from './storageKey.js'

it('unpacks what was packed, in the order of raw keys', () => {
  const bytes = fc.uint8Array({ maxLength: 5 })
  const text = bytes.map((raw) => Buffer.from(raw).toString('latin1'))
  const key: fc.Arbitrary<StorageKey> = fc.oneof(
    text,
    fc.constantFrom(':child', ':z'),
    text.map((inner) => childKey('t'.repeat(32), inner)),
  )
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(key, fc.option(bytes)), { selector: ([of]) => of }), (changes) => {
      const sorted = changes.sort(([a], [b]) => (a < b ? -1 : 1))
      const expected = sorted.map(([of, value]) => [keyToHex(of), value && bytesToHex(value)] as const)
      expect(unpackDiff(packDiff(sorted))).toEqual(expected.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    }),
  )
})
