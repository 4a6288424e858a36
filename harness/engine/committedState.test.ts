import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { CommittedState } from './committedState.js'

it('keeps its keys sorted through every change', () => {
  const change = fc.tuple(fc.string({ maxLength: 3 }), fc.option(fc.nat()))
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 20 })), (rounds) => {
      const state = new CommittedState<number>()
      for (const round of rounds) {
        state.apply(round)
        expect(state.sortedKeys()).toEqual([...state.values.keys()].sort())
      }
    }),
  )
})

it('sorts anew after very many changes', () => {
  const state = new CommittedState<number>([['m', 0]])
  state.sortedKeys()
  state.apply(Array.from({ length: 5_000 }, (_, index) => [String(index), index] as const))
  expect(state.sortedKeys()).toEqual([...state.values.keys()].sort())
})

it('finds what lies below a prefix, and the key after a key', () => {
  const state = new CommittedState([
    ['ab', 2],
    ['a', 1],
    ['b', 3],
  ])
  expect(state.entries('a')).toEqual([
    ['a', 1],
    ['ab', 2],
  ])
  expect(state.entries('c')).toEqual([])
  expect([state.nextKey('a'), state.nextKey('aa'), state.nextKey('b')]).toEqual(['ab', 'ab', undefined])
})
