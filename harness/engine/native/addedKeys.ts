import { movedKeys, upperBound } from '../../fork/sortedKeys.js'
import type { StorageKey } from './storageKey.js'

/** Hashes of pallet and item: keys of one map have them in common. */
const prefixLength = 32

interface Bucket {
  /** Ascending. */
  sorted: StorageKey[]
  /** What has yet to be put in its place. */
  unsorted: StorageKey[]
}

/** Keys that a call wrote and that may not be committed, for iteration: by their beginnings, so that only the maps that are gone through
 *  are put in order. */
export class AddedKeys {
  readonly #buckets = new Map<string, Bucket>()

  /** @param key that was not added before */
  add(key: StorageKey): void {
    const prefix = key.slice(0, prefixLength)
    const bucket = this.#buckets.get(prefix)
    if (bucket) bucket.unsorted.push(key)
    else this.#buckets.set(prefix, { sorted: [], unsorted: [key] })
  }

  clear(): void {
    this.#buckets.clear()
  }

  /** The first key after `after` that is there, unless `other` comes before it.
   *  @param other a key after `after` */
  next(
    after: StorageKey,
    other: StorageKey | undefined,
    isThere: (key: StorageKey) => boolean,
  ): StorageKey | undefined {
    const prefix = after.slice(0, prefixLength)
    const own = this.#buckets.get(prefix)
    let first = smaller(other, own && firstOf(own, after, isThere))
    // All keys that begin as `after` does come before all that begin with more.
    if (first !== undefined && prefix.length === prefixLength && first.startsWith(prefix)) return first
    for (const [name, bucket] of this.#buckets) {
      if (name > prefix && (first === undefined || name < first))
        first = smaller(first, firstOf(bucket, after, isThere))
    }
    return first
  }
}

function smaller(a: StorageKey | undefined, b: StorageKey | undefined): StorageKey | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

function firstOf(bucket: Bucket, after: StorageKey, isThere: (key: StorageKey) => boolean): StorageKey | undefined {
  if (bucket.unsorted.length > 0) bucket.sorted = movedKeys(bucket.sorted, bucket.unsorted, () => true)
  bucket.unsorted = []
  const { sorted } = bucket
  for (let index = upperBound(sorted, after); index < sorted.length; index += 1) {
    const key = sorted[index] as StorageKey
    if (isThere(key)) return key
  }
  return undefined
}
