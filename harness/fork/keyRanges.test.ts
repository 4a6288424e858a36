import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { KeyRanges } from './keyRanges.js'

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 })
const range = fc.record({ from: key, to: fc.option(key, { nil: undefined }) })

it('has the keys of every range and no others', () => {
  fc.assert(
    fc.property(fc.array(range), fc.array(key), (ranges, keys) => {
      const set = new KeyRanges(ranges)
      for (const each of [...keys, ...ranges.map(({ from }) => from)]) {
        const inOne = ranges.some(({ from, to }) => from <= each && (to === undefined || each < to))
        expect(set.has(each)).toBe(inOne)
      }
    }),
  )
})

it('keeps its ranges ascending and apart', () => {
  fc.assert(
    fc.property(fc.array(range), (ranges) => {
      const kept = [...new KeyRanges(ranges)]
      for (const [index, { from, to }] of kept.entries()) {
        expect(to === undefined ? index === kept.length - 1 : from < to).toBe(true)
        const next = kept[index + 1]
        if (next !== undefined) expect((to ?? '') < next.from).toBe(true)
      }
    }),
  )
})

it('joins ranges that touch, and tells where what it has ends', () => {
  const set = new KeyRanges([
    { from: 'a', to: 'b' },
    { from: 'c', to: undefined },
    { from: 'b', to: 'bb' },
  ])
  expect([...set]).toEqual([
    { from: 'a', to: 'bb' },
    { from: 'c', to: undefined },
  ])
  expect([set.endOf('aa'), set.endOf('bc'), set.endOf('cc')]).toEqual(['bb', 'bc', undefined])
  expect(set.covers({ from: 'aa', to: 'ba' })).toBe(true)
  expect(set.covers({ from: 'aa', to: 'bc' })).toBe(false)
  expect(set.covers({ from: 'c', to: undefined })).toBe(true)
})
