import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { jsonDifferences } from './jsonDifferences.js'

const between = (first: unknown, second: unknown) => [...jsonDifferences(first, second)]

describe('jsonDifferences', () => {
  it('names the member and both values', () => {
    expect(between({ a: [{ b: '1', c: 2 }] }, { a: [{ b: '9', c: 2 }] })).toEqual([
      { path: '.a[0].b', first: '1', second: '9' },
    ])
  })

  it('names what only one has', () => {
    expect(between({ a: [1], 'x y': null }, { a: [1, 2], toString: 1 })).toEqual([
      { path: '.a[1]', first: undefined, second: 2 },
      { path: '["x y"]', first: null, second: undefined },
      { path: '.toString', first: undefined, second: 1 },
    ])
  })

  it('tells kinds of values apart', () => {
    expect(between({ a: [] }, { a: {} })).toHaveLength(1)
    expect(between(null, {})).toEqual([{ path: '.', first: null, second: {} }])
    expect(between('1', 1)).toHaveLength(1)
  })

  it('finds nothing exactly in equal documents', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (first, second) => {
        expect(between(first, first)).toEqual([])
        expect(between(first, second).length === 0).toBe(
          isDeepStrictEqual(JSON.parse(JSON.stringify(first)), JSON.parse(JSON.stringify(second))),
        )
      }),
    )
  })
})
