import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { AddedKeys } from './addedKeys.js'

it('are gone through in order, whatever their beginnings and whatever is there', () => {
  const end = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 })
  const key = fc.oneof(
    end,
    fc.tuple(fc.constantFrom('a', 'b', 'ba'), end).map(([first, last]) => first.padEnd(32, '-') + last),
  )
  const step = fc.record({ key, other: fc.option(key), isAdded: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), fc.integer({ min: 2, max: 5 }), (steps, gone) => {
      const keys = new AddedKeys()
      const known = new Set<string>()
      const isThere = (added: string): boolean => added.length % gone !== 0
      for (const { key: after, other, isAdded } of steps) {
        if (isAdded && !known.has(after)) keys.add(after)
        if (isAdded) known.add(after)
        const committed = other !== null && other > after ? other : undefined
        const candidates = [...known].filter((added) => added > after && isThere(added))
        const expected = [...candidates, ...(committed === undefined ? [] : [committed])].sort()[0]
        expect(keys.next(after, committed, isThere)).toBe(expected)
      }
    }),
  )
})

it('are none after all were cleared', () => {
  const keys = new AddedKeys()
  keys.add('b')
  keys.clear()
  expect(keys.next('a', undefined, () => true)).toBeUndefined()
})
