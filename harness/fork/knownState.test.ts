import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { StatePart, StateQuestion } from './forkState.js'
import { KnownState } from './knownState.js'

it('keeps its keys sorted through every change', () => {
  const change = fc.tuple(fc.string({ maxLength: 3 }), fc.option(fc.nat()))
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 50 })), (rounds) => {
      const state = new KnownState<number>()
      for (const round of rounds) {
        state.apply(round)
        expect(state.sortedKeys()).toEqual([...state.values.keys()].sort())
      }
    }),
  )
})

it('keeps them sorted after very many changes, too', () => {
  const state = new KnownState<number>([['m', 0]])
  state.sortedKeys()
  state.apply(Array.from({ length: 5_000 }, (_, index) => [String(index), index] as const))
  expect(state.sortedKeys()).toEqual([...state.values.keys()].sort())
})

it('finds what lies below a prefix, and the key after a key', () => {
  const state = new KnownState([
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

describe('a state that was not read whole', () => {
  const zero = '\0'
  const key = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 })
  const question = fc.oneof(
    fc.record({ kind: fc.constant('get' as const), key }),
    fc.record({ kind: fc.constant('next' as const), key }),
    fc.record({ kind: fc.constant('entries' as const), key }),
    fc.record({ kind: fc.constant('write' as const), key, value: fc.option(fc.nat()) }),
  )

  /** Answers from a whole state, with more or less than what was asked. */
  function source(whole: ReadonlyMap<string, number>, pageSize: number, asked: string[]) {
    const sorted = [...whole].sort(([a], [b]) => (a < b ? -1 : 1))
    return (question: StateQuestion<string>): StatePart<string, number> => {
      asked.push(JSON.stringify(question))
      if (question.kind === 'keys') {
        const entries = question.keys.flatMap((each) => {
          const value = whole.get(each)
          return value === undefined ? [] : [[each, value] as const]
        })
        return { entries, absent: question.keys.filter((each) => !whole.has(each)), ranges: [] }
      }
      if (question.kind === 'below') {
        const range = { from: question.prefix, to: `${question.prefix}\uffff` }
        return { entries: sorted.filter(([each]) => each.startsWith(question.prefix)), absent: [], ranges: [range] }
      }
      const entries = sorted.filter(([each]) => each >= question.key).slice(0, pageSize)
      const last = entries.length < pageSize ? undefined : entries.at(-1)?.[0]
      const range = { from: question.key, to: last === undefined ? undefined : last + zero }
      return { entries, absent: [], ranges: [range] }
    }
  }

  it('answers as if it had been, whatever is written in between', () => {
    const states = fc.array(fc.tuple(key, fc.nat()), { maxLength: 20 })
    fc.assert(
      fc.property(states, fc.array(question), fc.integer({ min: 1, max: 3 }), (entries, steps, pageSize) => {
        const whole = new KnownState(entries)
        const asked: string[] = []
        const ask = source(new Map(entries), pageSize, asked)
        const partial = new KnownState<number>([], { ranges: [], zero, ask })
        for (const step of steps) {
          if (step.kind === 'get') expect(partial.get(step.key)).toBe(whole.get(step.key))
          if (step.kind === 'next') expect(partial.nextKey(step.key)).toBe(whole.nextKey(step.key))
          if (step.kind === 'entries') expect(partial.entries(step.key)).toEqual(whole.entries(step.key))
          if (step.kind === 'write') {
            whole.apply([[step.key, step.value]])
            partial.apply([[step.key, step.value]])
          }
        }
        expect(new Set(asked).size).toBe(asked.length)
      }),
    )
  })

  it('asks nothing of the ranges it began with', () => {
    const ranges = [{ from: 'a', to: 'b' }]
    const ask = () => {
      throw new Error('asked')
    }
    const state = new KnownState([['ab', 1]], { ranges, zero, ask })
    expect([state.get('aa'), state.get('ab'), state.nextKey('a'), state.entries('a')]).toEqual([
      undefined,
      1,
      'ab',
      [['ab', 1]],
    ])
    expect(() => state.get('b')).toThrow('asked')
    expect(() => state.nextKey('ab')).toThrow('asked')
  })

  it('refuses to answer before it was read, and sources that leave it unread', () => {
    const state = new KnownState<number>([], { ranges: [], zero })
    expect(() => state.get('a')).toThrow('before it was read')
    const deaf = new KnownState<number>([], {
      ranges: [],
      zero,
      ask: () => ({ entries: [], absent: [], ranges: [] }),
    })
    expect(() => deaf.get('a')).toThrow('left the question "keys" open')
    expect(() => deaf.nextKey('a')).toThrow('left the question "from" open')
  })
})
