import { insertSorted, lowerBound, removeSorted, upperBound } from './sortedKeys.js'

const manyChanges = 1_000

/** An arm's storage between calls. Keys are strings whose order is that of the bytes (one character a byte, or lower-case
 *  hexadecimal); values are never modified in place. */
export class CommittedState<Value> {
  readonly values: Map<string, Value>
  #sorted: string[] | undefined

  constructor(entries: Iterable<readonly [string, Value]> = []) {
    this.values = new Map(entries)
  }

  /** Every key, ascending; sorted when first asked for, then kept up to date. */
  sortedKeys(): readonly string[] {
    this.#sorted ??= [...this.values.keys()].sort(byCodeUnit)
    return this.#sorted
  }

  /** Writes the values; `null` removes a key. */
  apply(changes: Iterable<readonly [string, Value | null]>): void {
    let moved = 0
    for (const [key, value] of changes) {
      const known = this.values.has(key)
      if (value === null) this.values.delete(key)
      else this.values.set(key, value)
      if (!this.#sorted || known === (value !== null)) continue
      moved += 1
      if (moved > manyChanges) this.#sorted = undefined
      else if (value === null) removeSorted(this.#sorted, key)
      else insertSorted(this.#sorted, key)
    }
  }

  /** Entries below a prefix, ascending by key. */
  entries(prefix: string): [string, Value][] {
    const keys = this.sortedKeys()
    const found: [string, Value][] = []
    for (let index = lowerBound(keys, prefix); index < keys.length; index += 1) {
      const key = keys[index] as string
      if (!key.startsWith(prefix)) break
      found.push([key, this.values.get(key) as Value])
    }
    return found
  }

  /** The first key after `key`. */
  nextKey(key: string): string | undefined {
    const keys = this.sortedKeys()
    return keys[upperBound(keys, key)]
  }
}

/** The order of the bytes: `sort` alone would do the same, this says so. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
