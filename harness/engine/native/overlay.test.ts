import { beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { KnownState } from '../../fork/knownState.js'
import { GuestTrap, LimitExceeded } from './guestFault.js'
import { Overlay } from './overlay.js'
import { childKey } from './storageKey.js'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

let base: KnownState<Uint8Array>
let overlay: Overlay

beforeEach(() => {
  base = new KnownState([
    ['a', bytes(1)],
    ['ab', bytes(2)],
    ['abc', bytes(3)],
    ['b', bytes(4)],
  ])
  overlay = new Overlay(base, 1_000_000)
})

function keys(from = ''): string[] {
  const found: string[] = []
  for (let key = overlay.nextKey(from); key !== undefined; key = overlay.nextKey(key)) found.push(key)
  return found
}

describe('reading and the diff', () => {
  it('reads through to the committed state and hides what was deleted', () => {
    overlay.set('a', bytes(9))
    overlay.set('ab', null)
    expect([overlay.get('a'), overlay.get('ab'), overlay.get('b'), overlay.get('x')]).toEqual([
      bytes(9),
      undefined,
      bytes(4),
      undefined,
    ])
  })

  it('tells the changes ascending, without writes of what was there and deletions of what was not', () => {
    overlay.set('z', bytes(1))
    overlay.set('a', bytes(1))
    overlay.set('x', null)
    overlay.set('b', null)
    overlay.set('ab', bytes())
    expect(overlay.changes()).toEqual([
      ['ab', bytes()],
      ['b', null],
      ['z', bytes(1)],
    ])
  })

  it('starts anew after a reset', () => {
    overlay.set('a', bytes(9))
    overlay.startTransaction()
    overlay.reset('dropped')
    expect(overlay.changes()).toEqual([])
    expect(() => overlay.commitTransaction()).toThrow(GuestTrap)
  })

  it('bounds what one call may write', () => {
    overlay = new Overlay(base, 100)
    expect(() => {
      for (;;) overlay.set('a', new Uint8Array(30))
    }).toThrow(LimitExceeded)
    overlay.reset('dropped')
    expect(() => {
      for (;;) overlay.append(overlay.cell('a'), new Uint8Array(30))
    }).toThrow(LimitExceeded)
  })
})

describe('transactions', () => {
  it('roll back to the value, the deletion or the absence before them', () => {
    overlay.set('b', null)
    overlay.set('x', bytes(1))
    overlay.startTransaction()
    overlay.set('a', bytes(9))
    overlay.set('b', bytes(9))
    overlay.set('x', null)
    overlay.set('new', bytes(9))
    overlay.rollbackTransaction()
    expect(overlay.changes()).toEqual([
      ['b', null],
      ['x', bytes(1)],
    ])
  })

  it('nest: the outer one undoes what the inner one committed', () => {
    overlay.startTransaction()
    overlay.set('a', bytes(5))
    overlay.startTransaction()
    overlay.set('a', bytes(6))
    overlay.set('ab', bytes(6))
    overlay.commitTransaction()
    expect(overlay.get('a')).toEqual(bytes(6))
    overlay.rollbackTransaction()
    expect(overlay.changes()).toEqual([])
  })

  it('left open at the end of a call do not count', () => {
    overlay.set('a', bytes(5))
    overlay.startTransaction()
    overlay.set('b', bytes(5))
    expect(overlay.changes()).toEqual([['a', bytes(5)]])
  })

  it('that are not open cannot be closed', () => {
    expect(() => overlay.rollbackTransaction()).toThrow(GuestTrap)
  })
})

describe('append', () => {
  it('counts the items over every width of the length', () => {
    for (let index = 0; index < 20_000; index += 1) overlay.append(overlay.cell('list'), bytes(index, index >> 8))
    const list = overlay.get('list') as Uint8Array
    expect([...list.subarray(0, 4)]).toEqual([((20_000 << 2) | 2) & 255, (20_000 >> 6) & 255, 20_000 >> 14, 0])
    expect(list.length).toBe(4 + 2 * 20_000)
    expect([...list.subarray(-2)]).toEqual([19_999 & 255, 19_999 >> 8])
  })

  it('goes on with a committed list and leaves it as it is', () => {
    const committed = bytes(2 << 2, 7, 8)
    base.apply([['list', committed]])
    overlay.append(overlay.cell('list'), bytes(9))
    expect(overlay.get('list')).toEqual(bytes(3 << 2, 7, 8, 9))
    expect(committed).toEqual(bytes(2 << 2, 7, 8))
  })

  it('makes a list of what is none', () => {
    base.apply([['list', bytes(3)]])
    overlay.append(overlay.cell('list'), bytes(9))
    expect(overlay.get('list')).toEqual(bytes(1 << 2, 9))
  })

  it('is undone by a rollback and goes on after it', () => {
    overlay.append(overlay.cell('list'), bytes(1))
    overlay.startTransaction()
    overlay.append(overlay.cell('list'), bytes(2))
    overlay.append(overlay.cell('list'), bytes(3))
    overlay.rollbackTransaction()
    expect(overlay.get('list')).toEqual(bytes(1 << 2, 1))
    overlay.append(overlay.cell('list'), bytes(4))
    overlay.startTransaction()
    overlay.append(overlay.cell('list'), bytes(5))
    overlay.commitTransaction()
    expect(overlay.get('list')).toEqual(bytes(3 << 2, 1, 4, 5))
  })

  it('starts from a value set in between', () => {
    overlay.append(overlay.cell('list'), bytes(1))
    overlay.set('list', null)
    overlay.append(overlay.cell('list'), bytes(2))
    expect(overlay.get('list')).toEqual(bytes(1 << 2, 2))
  })
})

describe('next key', () => {
  it('merges written keys and skips deleted ones', () => {
    overlay.set('aa', bytes(1))
    overlay.set('ab', null)
    expect(keys()).toEqual(['a', 'aa', 'abc', 'b'])
  })

  it('sees keys that come, go and come back while it iterates', () => {
    overlay.set('gone', null)
    expect(overlay.nextKey('b')).toBeUndefined()
    overlay.set('c', bytes(1))
    overlay.startTransaction()
    overlay.set('c', null)
    expect(overlay.nextKey('b')).toBeUndefined()
    overlay.rollbackTransaction()
    expect(overlay.nextKey('b')).toBe('c')
  })

  it('sees all keys of many that come while it iterates', () => {
    const written = Array.from({ length: 300 }, (_, index) => `k${(index * 7919) % 200}`)
    expect(keys()).toEqual(['a', 'ab', 'abc', 'b'])
    for (const key of written) overlay.set(key, bytes(1))
    for (const key of ['k3', 'ab']) overlay.set(key, null)
    expect(keys()).toEqual(['a', 'abc', 'b', ...new Set(written)].filter((key) => key !== 'k3').sort())
  })

  it('finds a key that only a rollback brought back', () => {
    overlay.set('c', bytes(1))
    overlay.startTransaction()
    overlay.set('c', null)
    expect(overlay.nextKey('b')).toBeUndefined()
    overlay.rollbackTransaction()
    expect(overlay.nextKey('b')).toBe('c')
  })

  it('keeps child tries apart', () => {
    overlay.set(childKey('t', 'x'), bytes(1))
    overlay.set(childKey('t', 'y'), bytes(1))
    overlay.set(childKey('tt', 'a'), bytes(1))
    expect(overlay.nextKey('b')).toBeUndefined()
    const trie = childKey('t', '')
    expect(overlay.nextKey(childKey('t', 'x'), trie)).toBe(childKey('t', 'y'))
    expect(overlay.nextKey(childKey('t', 'y'), trie)).toBeUndefined()
  })
})

describe('clear prefix', () => {
  it('without a limit takes all, and counts the committed keys', () => {
    overlay.set('ad', bytes(1))
    expect(overlay.clearPrefix('a', undefined)).toEqual({ loops: 3, next: undefined, backend: 2 + 1, unique: 4 })
    expect(keys()).toEqual(['b'])
  })

  it('visits at most the limit of committed keys, the written ones go anyway', () => {
    overlay.set('ad', bytes(1))
    overlay.set('abc', bytes(9))
    expect(overlay.clearPrefix('a', 1)).toEqual({ loops: 1, next: 'ab', backend: 1, unique: 3 })
    expect(keys()).toEqual(['ab', 'b'])
  })

  it('counts a committed key that is already gone as visited', () => {
    overlay.set('a', null)
    expect(overlay.clearPrefix('a', 2)).toEqual({ loops: 2, next: 'abc', backend: 1, unique: 1 })
  })

  it('goes on from a cursor', () => {
    expect(overlay.clearPrefix('a', 1, 'ab')).toEqual({ loops: 1, next: 'abc', backend: 1, unique: 1 })
    expect(keys()).toEqual(['a', 'abc', 'b'])
  })

  it('of the main trie leaves child tries alone', () => {
    overlay.set(childKey('t', 'x'), bytes(1))
    overlay.clearPrefix('', undefined)
    expect(overlay.get(childKey('t', 'x'))).toEqual(bytes(1))
    expect(keys()).toEqual([])
  })
})

/** The same by plain means: a copy of everything per open transaction. */
class Model {
  #stack: Map<string, number[]>[]

  constructor(entries: Iterable<readonly [string, Uint8Array]>) {
    this.#stack = [new Map([...entries].map(([key, value]) => [key, [...value]]))]
  }

  get top(): Map<string, number[]> {
    return this.#stack.at(-1) as Map<string, number[]>
  }

  get depth(): number {
    return this.#stack.length - 1
  }

  start(): void {
    this.#stack.push(new Map(this.top))
  }

  close(commit: boolean): void {
    const closed = this.#stack.pop() as Map<string, number[]>
    if (commit) this.#stack[this.#stack.length - 1] = closed
  }
}

it('equals a plain model under any sequence of operations', () => {
  const key = fc.constantFrom('a', 'ab', 'abc', 'abd', 'b', 'ba', 'c')
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key, value: fc.nat(255) }),
    fc.record({ kind: fc.constant('clear' as const), key }),
    fc.record({ kind: fc.constant('append' as const), key: fc.constantFrom('list', 'b'), value: fc.nat(255) }),
    fc.record({ kind: fc.constant('clearPrefix' as const), key }),
    fc.record({ kind: fc.constantFrom('start' as const, 'commit' as const, 'rollback' as const, 'iterate' as const) }),
  )
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60, size: 'max' }), (operations) => {
      overlay.reset('dropped')
      const model = new Model(base.values)
      for (const step of operations) {
        if (step.kind === 'set') {
          overlay.set(step.key, bytes(0, step.value))
          model.top.set(step.key, [0, step.value])
        } else if (step.kind === 'clear') {
          overlay.set(step.key, null)
          model.top.delete(step.key)
        } else if (step.kind === 'append') {
          const before = model.top.get(step.key)
          const list = before && (before[0] as number) % 4 === 0 ? before : [0]
          overlay.append(overlay.cell(step.key), bytes(step.value))
          model.top.set(step.key, [(list[0] as number) + 4, ...list.slice(1), step.value])
        } else if (step.kind === 'clearPrefix') {
          overlay.clearPrefix(step.key, undefined)
          for (const known of [...model.top.keys()]) if (known.startsWith(step.key)) model.top.delete(known)
        } else if (step.kind === 'start') {
          overlay.startTransaction()
          model.start()
        } else if (step.kind === 'iterate') expect(keys()).toEqual([...model.top.keys()].sort())
        else if (model.depth > 0) {
          if (step.kind === 'commit') overlay.commitTransaction()
          else overlay.rollbackTransaction()
          model.close(step.kind === 'commit')
        }
      }
      while (model.depth > 0) {
        overlay.commitTransaction()
        model.close(true)
      }
      expect(keys()).toEqual([...model.top.keys()].sort())
      for (const [known, value] of model.top) expect([...(overlay.get(known) as Uint8Array)]).toEqual(value)
    }),
    { numRuns: 500 },
  )
})
