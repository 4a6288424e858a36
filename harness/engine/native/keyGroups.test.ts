import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { inOrder, KeyGroups, placeOf } from './keyGroups.js'
import { childKey } from './storageKey.js'

const end = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 })
/** Of a group of its own, or of one of three maps. */
const anyKey = fc.oneof(
  end,
  fc.tuple(fc.constantFrom('a', 'b', 'ba'), end).map(([first, last]) => first.padEnd(32, '-') + last),
)

describe('the next key', () => {
  it('is the first one that is there, whatever was added, removed or committed', () => {
    const step = fc.record({ key: anyKey, what: fc.constantFrom('add', 'remove', 'restore', 'ask') })
    fc.assert(
      fc.property(
        fc.uniqueArray(anyKey, { maxLength: 30, size: 'max' }),
        fc.array(step, { maxLength: 120, size: 'max' }),
        (list, steps) => {
          const committed = list.sort()
          const groups = new KeyGroups()
          const present = new Set(committed)
          const added = new Set<string>()
          const nextCommitted = (after: string): string | undefined => committed.find((key) => key > after)
          const isThere = (key: string): boolean => present.has(key)
          for (const { key, what } of steps) {
            const group = groups.of(key)
            if (what === 'add') {
              if (!added.has(key) && !committed.includes(key)) groups.add(group, key)
              added.add(key)
              present.add(key)
            } else if (what === 'remove') {
              groups.remove(group)
              present.delete(key)
            } else if (what === 'restore' && committed.includes(key)) present.add(key)
            const expected = [...present].sort().find((other) => other > key)
            expect(groups.next(key, nextCommitted(key), nextCommitted, isThere)).toBe(expected)
          }
        },
      ),
    )
  })

  it('knows nothing of what was added and removed before all was cleared', () => {
    const groups = new KeyGroups()
    const committed = (after: string): string | undefined => (after < 'c' ? 'c' : undefined)
    groups.add(groups.of('b'), 'b')
    groups.remove(groups.of('c'))
    expect(groups.next('a', 'c', committed, (key) => key !== 'c')).toBe('b')
    groups.clear()
    expect(groups.next('a', 'c', committed, () => false)).toBe('c')
  })

  it('goes on from groups that were kept, when the others were forgotten', () => {
    const groups = new KeyGroups()
    const kept = groups.of('b')
    groups.add(kept, 'b')
    groups.of('forgotten')
    groups.keep([kept])
    expect(groups.of('b')).toBe(kept)
    expect(
      groups.next(
        'a',
        undefined,
        () => undefined,
        () => true,
      ),
    ).toBe('b')
  })
})

describe('order', () => {
  // Few characters, so that many keys have their places in common.
  const name = fc.string({ unit: fc.constantFrom('\u0000', 'a', '\u00ff'), maxLength: 8 })

  it('is that of the keys, of main and child tries, short and long, with places in common and without', () => {
    const key = fc.oneof(
      name,
      fc.tuple(fc.constantFrom('a', 'b'), name).map(([first, last]) => first.repeat(32) + last),
      fc.tuple(fc.constantFrom('trie', 't'.repeat(32)), name).map(([trie, last]) => childKey(trie, last)),
    )
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 300, size: 'max' }), (keys) => {
        const groups = new KeyGroups()
        const items = keys.map((own) => ({ key: own, group: groups.of(own), place: placeOf(own) }))
        expect(inOrder(items).map(({ key: own }) => own)).toEqual([...keys].sort())
      }),
    )
  })

  it('is that of the keys of a group with more than can be numbered', () => {
    const groups = new KeyGroups()
    const keys = Array.from({ length: 2 ** 17 + 1 }, (_, index) => 'a'.repeat(32) + String(index * 7_919))
    const items = keys.map((key) => ({ key, group: groups.of(key), place: placeOf(key) }))
    expect(inOrder(items).map(({ key }) => key)).toEqual([...keys].sort())
  })
})
