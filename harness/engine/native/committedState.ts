import { insertSorted, lowerBound, removeSorted } from './sortedKeys.js'
import type { StorageKey } from './storageKey.js'

/** Changes of storage: a value, or `null` where the key goes. */
export type StorageChanges = Iterable<readonly [StorageKey, Uint8Array | null]>

const manyChanges = 1_000

/** An arm's storage between calls. Values are never modified in place. */
export class CommittedState {
  readonly values: Map<StorageKey, Uint8Array>
  #sorted: StorageKey[] | undefined

  constructor(entries: Iterable<readonly [StorageKey, Uint8Array]> = []) {
    this.values = new Map(entries)
  }

  /** Every key, ascending; sorted when first asked for, then kept up to date. */
  sortedKeys(): readonly StorageKey[] {
    this.#sorted ??= [...this.values.keys()].sort(byCodeUnit)
    return this.#sorted
  }

  apply(changes: StorageChanges): void {
    let moved = 0
    for (const [key, value] of changes) {
      const known = this.values.has(key)
      if (value) this.values.set(key, value)
      else this.values.delete(key)
      if (!this.#sorted || known === (value !== null)) continue
      moved += 1
      if (moved > manyChanges) this.#sorted = undefined
      else if (value) insertSorted(this.#sorted, key)
      else removeSorted(this.#sorted, key)
    }
  }

  /** Entries below a prefix, ascending by key. */
  entries(prefix: StorageKey): [StorageKey, Uint8Array][] {
    const keys = this.sortedKeys()
    const found: [StorageKey, Uint8Array][] = []
    for (let index = lowerBound(keys, prefix); index < keys.length; index += 1) {
      const key = keys[index] as StorageKey
      if (!key.startsWith(prefix)) break
      found.push([key, this.values.get(key) as Uint8Array])
    }
    return found
  }
}

/** The order of the bytes; the default order of `sort` is the same, this says so. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
