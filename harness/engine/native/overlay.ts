import type { KnownState } from '../../fork/knownState.js'
import { GuestTrap, LimitExceeded } from './guestFault.js'
import { decodeCompact, encodeCompact } from './scale.js'
import { insertSorted, upperBound } from '../../fork/sortedKeys.js'
import { isChildKey, type StorageKey } from './storageKey.js'

/** What clearing a prefix did, as the host function's answer counts it. */
export interface Cleared {
  /** Keys of the committed state that were visited. */
  readonly loops: number
  /** First key of the committed state that the limit left over. */
  readonly next: StorageKey | undefined
  /** Keys of the committed state that this call deleted. */
  readonly backend: number
  /** `backend` and the keys that only this call's writes had. */
  readonly unique: number
}

interface Growing {
  buffer: Uint8Array
  head: number
  end: number
  count: number
}

/** Reserved before the items of a growing list: the widest compact length. */
const compactRoom = 5
/** So many keys are put in their places faster than all are sorted anew. */
const fewKeys = 32

/** A call's writes over the committed state, with nested transactions. One flat map holds the present writes; each open
 *  transaction remembers what a key was when the transaction first touched it, so reading never searches layers. */
export class Overlay {
  readonly #changes = new Map<StorageKey, Uint8Array | null>()
  readonly #journals: Map<StorageKey, Uint8Array | null | undefined>[] = []
  readonly #growing = new Map<StorageKey, Growing>()
  /** Keys written by this call that the committed state lacks as far as it is known, ascending; kept once iteration has begun. */
  #added: StorageKey[] | undefined
  /** Keys written since then that `#added` has yet to take in, some of them more than once. */
  #unsorted: StorageKey[] = []
  #era = 1
  #writtenBytes = 0

  constructor(
    readonly base: KnownState<Uint8Array>,
    readonly limitBytes: number,
  ) {}

  /** Changes whenever a value may have become another in any way but `set` and `append` of its key. */
  get era(): number {
    return this.#era
  }

  reset(): void {
    this.#era += 1
    this.#changes.clear()
    this.#journals.length = 0
    this.#growing.clear()
    this.#added = undefined
    this.#unsorted = []
    this.#writtenBytes = 0
  }

  get(key: StorageKey): Uint8Array | undefined {
    const changed = this.#changes.get(key)
    if (changed !== undefined) return changed ?? undefined
    return this.base.get(key)
  }

  set(key: StorageKey, value: Uint8Array | null): void {
    if (this.#growing.size > 0) this.#growing.delete(key)
    this.#put(key, value)
    this.#writtenBytes += key.length + (value?.length ?? 0)
    if (this.#writtenBytes > this.limitBytes) throw new LimitExceeded(this.limitBytes)
  }

  /** Appends an encoded item to a SCALE list; anything that is no list becomes a list of that item. Between two borders of a
   *  transaction the list grows in place, so that a thousand events cost no thousand copies. */
  append(key: StorageKey, item: Uint8Array): void {
    let list = this.#growing.get(key)
    if (!list) {
      const value = this.get(key)
      const length = value && decodeCompact(value)
      const items = value && length ? value.subarray(length.size) : new Uint8Array(0)
      list = { buffer: new Uint8Array(0), head: compactRoom, end: compactRoom, count: length?.value ?? 0 }
      this.#extend(list, items)
      this.#growing.set(key, list)
    }
    this.#extend(list, item)
    list.count += 1
    if (list.count > 0xffff_ffff) throw new GuestTrap('it appended to a list that is full')
    const compact = encodeCompact(list.count)
    list.head = compactRoom - compact.length
    list.buffer.set(compact, list.head)
    this.#put(key, list.buffer.subarray(list.head, list.end))
    this.#writtenBytes += item.length
    if (this.#writtenBytes > this.limitBytes) throw new LimitExceeded(this.limitBytes)
  }

  /** The next key of the main trie, or of the child trie whose keys start with `within`. */
  nextKey(after: StorageKey, within?: StorageKey): StorageKey | undefined {
    const committed = this.#firstCommitted(after)
    const added = this.#firstAdded(after)
    const next = added === undefined || (committed !== undefined && committed < added) ? committed : added
    if (next === undefined) return undefined
    return within === undefined ? (isChildKey(next) ? undefined : next) : next.startsWith(within) ? next : undefined
  }

  /** Deletes below a prefix as Substrate counts it: this call's own writes all go and use up no limit; of the committed keys
   *  the first `limit` from `cursor` on are visited. */
  clearPrefix(prefix: StorageKey, limit: number | undefined, cursor?: StorageKey): Cleared {
    this.#era += 1
    let overlaid = 0
    for (const [key, value] of this.#changes) {
      if (!key.startsWith(prefix) || isChildKey(key) !== isChildKey(prefix)) continue
      if (value) overlaid += 1
      this.set(key, null)
    }
    let loops = 0
    let backend = 0
    let next: StorageKey | undefined
    for (const key of this.base.keysBelow(prefix, cursor)) {
      if (isChildKey(key) !== isChildKey(prefix)) break
      if (loops === limit) {
        next = key
        break
      }
      if (this.#changes.get(key) !== null) {
        this.set(key, null)
        backend += 1
      }
      loops += 1
    }
    return { loops, next, backend, unique: overlaid + backend }
  }

  startTransaction(): void {
    this.#growing.clear()
    this.#journals.push(new Map())
  }

  /** @throws GuestTrap when no transaction is open, as both endings do */
  commitTransaction(): void {
    this.#growing.clear()
    const journal = this.#closeJournal()
    const outer = this.#journals.at(-1)
    if (!outer) return
    for (const [key, before] of journal) if (!outer.has(key)) outer.set(key, before)
  }

  rollbackTransaction(): void {
    this.#era += 1
    this.#growing.clear()
    for (const [key, before] of this.#closeJournal()) {
      if (before === undefined) this.#changes.delete(key)
      else this.#changes.set(key, before)
      if (this.#added && before) this.#unsorted.push(key)
    }
  }

  /** Writes that change something against the committed state, ascending by key; transactions left open do not count. */
  changes(): [StorageKey, Uint8Array | null][] {
    while (this.#journals.length > 0) this.rollbackTransaction()
    const changed: [StorageKey, Uint8Array | null][] = []
    this.base.settle({ kind: 'keys', keys: [...this.#changes.keys()] })
    for (const entry of this.#changes) {
      const [key, value] = entry
      const before = this.base.get(key)
      if (value === null ? before !== undefined : before === undefined || Buffer.compare(before, value) !== 0)
        changed.push(entry)
    }
    return changed.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  #put(key: StorageKey, value: Uint8Array | null): void {
    const journal = this.#journals.at(-1)
    if (journal && !journal.has(key)) journal.set(key, this.#changes.get(key))
    this.#changes.set(key, value)
    if (this.#added && value) this.#unsorted.push(key)
  }

  #extend(list: Growing, bytes: Uint8Array): void {
    const end = list.end + bytes.length
    if (end > list.buffer.length) {
      const larger = new Uint8Array(Math.max(end, list.buffer.length * 2, 256))
      larger.set(list.buffer.subarray(0, list.end))
      list.buffer = larger
    }
    list.buffer.set(bytes, list.end)
    list.end = end
  }

  #closeJournal(): Map<StorageKey, Uint8Array | null | undefined> {
    const journal = this.#journals.pop()
    if (!journal) throw new GuestTrap('it closed a storage transaction that was not open')
    return journal
  }

  #addedKeys(): readonly StorageKey[] {
    if (!this.#added) {
      this.#added = []
      for (const [key, value] of this.#changes) if (value) this.#unsorted.push(key)
    }
    if (this.#unsorted.length > 0) {
      const news = this.#unsorted.filter((key) => !this.base.values.has(key))
      this.#unsorted = []
      if (news.length <= fewKeys) for (const key of news) insertSorted(this.#added, key)
      else this.#added = [...new Set([...this.#added, ...news])].sort()
    }
    return this.#added
  }

  #firstCommitted(after: StorageKey): StorageKey | undefined {
    let key = this.base.nextKey(after)
    while (key !== undefined && this.get(key) === undefined) key = this.base.nextKey(key)
    return key
  }

  #firstAdded(after: StorageKey): StorageKey | undefined {
    const keys = this.#addedKeys()
    for (let index = upperBound(keys, after); index < keys.length; index += 1) {
      const key = keys[index] as StorageKey
      if (this.get(key) !== undefined) return key
    }
    return undefined
  }
}
