import { movedKeys, upperBound } from '../../fork/sortedKeys.js'
import type { StorageKey } from './storageKey.js'

/** Hashes of pallet and item: keys of one map have them in common. */
const prefixLength = 32
/** A key's place is told by so many characters behind the prefix, of 9 bits each: those of child tries have more than a byte. */
const placeLength = 4
const placeBase = 2 ** 9
/** So many numbers of items fit beside a place in a number of 53 bits. */
const mostNumbered = 2 ** 17

/** Keys that begin alike, as those of a map do, and what a call did to them. A shorter key is a group of its own. */
export interface KeyGroup {
  readonly prefix: string
  /** Keys that the call wrote and that may not be committed, ascending; and those that have yet to be put in their places. */
  added: StorageKey[]
  unsorted: StorageKey[]
  /** The call may have removed committed keys. */
  hasRemoved: boolean
}

/** Keys by group, so that only the maps that are gone through are put in order. */
export class KeyGroups {
  #groups = new Map<string, KeyGroup>()
  /** Where the call added or removed keys. */
  readonly #touched = new Set<KeyGroup>()
  /** The group of the last key asked for: the next one is often of the same. */
  #last: KeyGroup | undefined

  of(key: StorageKey): KeyGroup {
    const last = this.#last
    if (last?.prefix.length === prefixLength && key.startsWith(last.prefix)) return last
    const prefix = key.slice(0, prefixLength)
    let group = this.#groups.get(prefix)
    if (!group) {
      group = { prefix, added: [], unsorted: [], hasRemoved: false }
      this.#groups.set(prefix, group)
    }
    this.#last = group
    return group
  }

  /** The group that holds all keys that begin so, if there is one. */
  holding(prefix: StorageKey): KeyGroup | undefined {
    return prefix.length < prefixLength ? undefined : this.of(prefix)
  }

  /** Forgets all groups but these. */
  keep(groups: Iterable<KeyGroup>): void {
    this.#groups = new Map()
    for (const group of groups) this.#groups.set(group.prefix, group)
    this.#last = undefined
  }

  /** @param key of the group, not added before */
  add(group: KeyGroup, key: StorageKey): void {
    group.unsorted.push(key)
    this.#touched.add(group)
  }

  remove(group: KeyGroup): void {
    group.hasRemoved = true
    this.#touched.add(group)
  }

  /** Begins a call, which did nothing yet. */
  clear(): void {
    for (const group of this.#touched) {
      group.added = []
      group.unsorted = []
      group.hasRemoved = false
    }
    this.#touched.clear()
  }

  /** The first key after `after` that is there.
   *  @param committed the first one that is committed and may be there
   *  @param nextCommitted the one after it
   *  @param isThere whether a key is, that was added or is committed */
  next(
    after: StorageKey,
    committed: StorageKey | undefined,
    nextCommitted: (key: StorageKey) => StorageKey | undefined,
    isThere: (key: StorageKey) => boolean,
  ): StorageKey | undefined {
    const own = this.of(after)
    // All keys that begin as `after` does come before all that begin with more.
    const isOwn = (key: StorageKey | undefined): boolean =>
      key !== undefined && own.prefix.length === prefixLength && key.startsWith(own.prefix)
    if (isOwn(committed) && !this.#touched.has(own)) return committed
    let other = committed
    while (other !== undefined && this.of(other).hasRemoved && !isThere(other)) other = nextCommitted(other)
    let first = smaller(other, firstOf(own, after, isThere))
    if (isOwn(first)) return first
    for (const group of this.#touched) {
      if (group.prefix > own.prefix && (first === undefined || group.prefix < first))
        first = smaller(first, firstOf(group, after, isThere))
    }
    return first
  }
}

/** Where a key stands in its group, for most of them: equal numbers tell nothing. */
export function placeOf(key: StorageKey): number {
  let place = 0
  for (let at = prefixLength; at < prefixLength + placeLength; at += 1)
    place = place * placeBase + (at < key.length ? key.charCodeAt(at) : 0)
  return place
}

interface OfKey {
  readonly key: StorageKey
  readonly group: KeyGroup
  /** As `placeOf` gives it. */
  readonly place: number
}

/** What belongs to keys, ascending by key. */
export function inOrder<Item extends OfKey>(items: Iterable<Item>): Item[] {
  const byGroup = new Map<KeyGroup, Item[]>()
  for (const item of items) {
    const known = byGroup.get(item.group)
    if (known) known.push(item)
    else byGroup.set(item.group, [item])
  }
  const groups = [...byGroup].sort(([a], [b]) => (a.prefix < b.prefix ? -1 : 1))
  const ordered: Item[] = []
  for (const [, own] of groups) for (const item of sortedByKey(own)) ordered.push(item)
  return ordered
}

/** Sorts items of a group: by their places as numbers, which calls no JavaScript, then by their keys those that share a place. */
function sortedByKey<Item extends OfKey>(items: Item[]): Item[] {
  const byKey = (a: Item, b: Item): number => (a.key < b.key ? -1 : 1)
  if (items.length > mostNumbered) return items.sort(byKey)
  const numbers = new Float64Array(items.length)
  for (let index = 0; index < items.length; index += 1)
    numbers[index] = (items[index] as Item).place * mostNumbered + index
  const sorted: Item[] = []
  for (const number of numbers.sort()) sorted.push(items[number % mostNumbered] as Item)
  let at = 0
  while (at < sorted.length) {
    const { place } = sorted[at] as Item
    let end = at + 1
    while (sorted[end]?.place === place) end += 1
    if (end - at > 1) for (const [index, item] of sorted.slice(at, end).sort(byKey).entries()) sorted[at + index] = item
    at = end
  }
  return sorted
}

function smaller(a: StorageKey | undefined, b: StorageKey | undefined): StorageKey | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

function firstOf(group: KeyGroup, after: StorageKey, isThere: (key: StorageKey) => boolean): StorageKey | undefined {
  if (group.unsorted.length > 0) group.added = movedKeys(group.added, group.unsorted, () => true)
  group.unsorted = []
  const { added } = group
  for (let index = upperBound(added, after); index < added.length; index += 1) {
    const key = added[index] as StorageKey
    if (isThere(key)) return key
  }
  return undefined
}
