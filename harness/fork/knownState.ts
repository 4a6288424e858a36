import type { StatePart, StateQuestion } from './forkState.js'
import { type KeyRange, KeyRanges } from './keyRanges.js'
import { lowerBound, movedKeys, upperBound } from './sortedKeys.js'

/** Greater than every character of a key. */
const ABOVE = '\uffff'

/** How a state that was not read whole learns the rest. */
export interface Unread<Value> {
  /** Whose every entry is among those the state begins with. */
  readonly ranges: Iterable<KeyRange>
  /** What makes a key's immediate successor when it is appended: one zero byte. */
  readonly zero: string
  /** Keys from here on cannot be read: asking for one is refused by `ask`. All can when `undefined`. */
  readonly end?: string
  /** Without it, whoever uses the state settles every question before the state is asked. */
  readonly ask?: (question: StateQuestion<string>) => StatePart<string, Value>
}

/** What is known of a state: an arm's storage between calls, or what was read of a chain so far. Keys are strings whose order is that of the bytes (one character a byte, or lower-case
 *  hexadecimal); values are never modified in place. What was not read before is read when it is needed, by `unread`. */
export class KnownState<Value> {
  readonly values: Map<string, Value>
  #sorted: string[] | undefined
  /** Keys that came or went since `#sorted` was right. */
  readonly #moved = new Set<string>()
  readonly #unread: Unread<Value> | undefined
  /** Ranges whose every entry is known. */
  readonly #known: KeyRanges
  /** Keys outside of them that are known to have no entry, or were removed. */
  readonly #absent = new Set<string>()
  /** Where the last answer of `nextKey` stood; the keys may have moved since. */
  #lastNext = 0
  #writes = 0
  #lastWrite: Iterable<readonly [string, Value | null]> | undefined

  constructor(entries: Iterable<readonly [string, Value]> = [], unread?: Unread<Value>) {
    this.values = new Map(entries)
    this.#unread = unread
    this.#known = new KeyRanges(unread?.ranges)
  }

  get(key: string): Value | undefined {
    const value = this.values.get(key)
    if (value !== undefined || this.#unread === undefined) return value
    this.settle({ kind: 'keys', keys: [key] })
    return this.values.get(key)
  }

  /** Every key that is known, ascending; sorted when first asked for, then kept up to date. */
  sortedKeys(): readonly string[] {
    if (this.#sorted === undefined) this.#sorted = [...this.values.keys()].sort(byCodeUnit)
    else if (this.#moved.size > 0) this.#sorted = movedKeys(this.#sorted, this.#moved, (key) => this.values.has(key))
    else return this.#sorted
    this.#moved.clear()
    return this.#sorted
  }

  /** How often it was written to, and what was written last. */
  get writes(): { readonly count: number; readonly last: Iterable<readonly [string, Value | null]> | undefined } {
    return { count: this.#writes, last: this.#lastWrite }
  }

  /** Writes the values; `null` removes a key. */
  apply(changes: Iterable<readonly [string, Value | null]>): void {
    this.#writes += 1
    this.#lastWrite = changes
    for (const [key, value] of changes) {
      const known = this.values.has(key)
      if (value === null) this.values.delete(key)
      else this.values.set(key, value)
      if (this.#unread !== undefined) {
        if (value === null) this.#absent.add(key)
        else this.#absent.delete(key)
      }
      if (this.#sorted !== undefined && known !== (value !== null)) this.#moved.add(key)
    }
  }

  /** Entries below a prefix, ascending by key. */
  entries(prefix: string): [string, Value][] {
    return this.keysBelow(prefix).map((key) => [key, this.values.get(key) as Value])
  }

  /** Keys below a prefix, ascending; from a key on if that is given. */
  keysBelow(prefix: string, from = prefix): string[] {
    this.settle({ kind: 'below', prefix })
    const keys = this.sortedKeys()
    const first = lowerBound(keys, from)
    let past = first
    while (keys[past]?.startsWith(prefix) === true) past += 1
    return keys.slice(first, past)
  }

  /** The first key after `key`. */
  nextKey(key: string): string | undefined {
    if (this.#unread !== undefined) this.settle({ kind: 'from', key: key + this.#unread.zero })
    const keys = this.sortedKeys()
    // Whoever goes through the keys asks for the one after the last answer.
    if (keys[this.#lastNext] === key) this.#lastNext += 1
    else this.#lastNext = upperBound(keys, key)
    return keys[this.#lastNext]
  }

  /** Ranges whose every entry is known. */
  ranges(): KeyRange[] {
    return [...this.#known]
  }

  /** Keys outside of these ranges that are known to have no entry. */
  absentKeys(): string[] {
    return [...this.#absent]
  }

  /** At most `limit` entries from a key on, ascending, and where the range ends whose entries they are (`undefined`: at the end). */
  following(from: string, limit: number): { entries: [string, Value][]; to: string | undefined } {
    this.settle({ kind: 'from', key: from })
    const end = this.#unread === undefined ? undefined : this.#known.endOf(from)
    const keys = this.sortedKeys()
    const first = lowerBound(keys, from)
    const entries: [string, Value][] = []
    for (let index = first; index < keys.length && entries.length < limit; index += 1) {
      const key = keys[index] as string
      if (end !== undefined && key > end) break
      entries.push([key, this.values.get(key) as Value])
    }
    const last = entries.at(-1)?.[0]
    const zero = this.#unread?.zero ?? ''
    if (last === undefined || (entries.length < limit && last !== end)) return { entries, to: end }
    return { entries, to: last + zero }
  }

  /** What has to be read before the state can answer the question; `undefined` when nothing has. */
  open(question: StateQuestion<string>): StateQuestion<string> | undefined {
    if (this.#unread === undefined) return undefined
    const { end = ABOVE } = this.#unread
    switch (question.kind) {
      case 'keys': {
        const keys = question.keys.filter((key) => !this.#isKnown(key))
        return keys.length === 0 ? undefined : { kind: 'keys', keys }
      }
      case 'below': {
        const { prefix } = question
        const last = prefix + ABOVE
        const to = prefix < end && end < last ? end : last
        return this.#known.covers({ from: prefix, to }) ? undefined : question
      }
      case 'from': {
        const { key } = question
        const past = this.#known.endOf(key)
        if (past === undefined || (key < end && past >= end)) return undefined
        const keys = this.sortedKeys()
        const next = keys[lowerBound(keys, key)]
        return next !== undefined && next <= past ? undefined : { kind: 'from', key: past }
      }
    }
  }

  /** Takes over what was read; what has been written since stays. */
  learn({ entries, absent, ranges }: StatePart<string, Value>): void {
    const news = entries.filter(([key]) => !this.values.has(key) && !this.#absent.has(key))
    for (const [key, value] of news) {
      this.values.set(key, value)
      if (this.#sorted !== undefined) this.#moved.add(key)
    }
    for (const key of absent) if (!this.values.has(key)) this.#absent.add(key)
    for (const range of ranges) this.#known.add(range)
  }

  /** Reads until the state can answer the question. */
  settle(question: StateQuestion<string>): void {
    for (let open = this.open(question); open !== undefined; open = this.open(question)) {
      if (this.#unread?.ask === undefined) throw new Error(`The state is asked before it was read: ${open.kind}.`)
      this.learn(this.#unread.ask(open))
      requireNews(open, this.open(question))
    }
  }

  #isKnown(key: string): boolean {
    return this.values.has(key) || this.#absent.has(key) || this.#known.has(key)
  }
}

/** A source that answers past the question would be asked for ever. */
export function requireNews(asked: StateQuestion<string>, open: StateQuestion<string> | undefined): void {
  if (open !== undefined && (open.kind !== 'from' || asked.kind !== 'from' || open.key <= asked.key))
    throw new Error(`A source left the question "${asked.kind}" open.`)
}

/** The order of the bytes: `sort` alone would do the same, this says so. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
