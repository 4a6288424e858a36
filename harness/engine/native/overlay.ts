import type { KnownState } from '../../fork/knownState.js'
import { GuestTrap, LimitExceeded } from './guestFault.js'
import { inOrder, type KeyGroup, KeyGroups, placeOf } from './keyGroups.js'
import { decodeCompact, encodeCompact } from './scale.js'
import type { Writes } from './storageCache.js'
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
const fewBytes = 64

/** A key, with its values as far as they are known. */
export class Cell {
  /** In the order of its group's keys, as far as it tells. */
  readonly place: number
  /** As this call wrote it, `null` when it removed it; `undefined` if it did not. */
  written: Uint8Array | null | undefined = undefined
  /** In the list of those that this call wrote. */
  listed = false
  /** Among the keys that this call added. */
  added = false
  /** As it is committed, if that was asked in the overlay's present era. */
  committed: Uint8Array | undefined = undefined
  era = 0

  constructor(
    readonly key: StorageKey,
    readonly group: KeyGroup,
  ) {
    this.place = placeOf(key)
  }
}

/** A call's writes over the committed state, with nested transactions. Each key that was asked for has a cell with its present
 *  value; each open transaction remembers what a key was when the transaction first touched it, so reading never searches layers. */
export class Overlay {
  #cells: Map<StorageKey, Cell> = new Map()
  /** What this call wrote, or had written before it rolled it back. */
  #written: Cell[] = []
  readonly #journals: Map<Cell, Uint8Array | null | undefined>[] = []
  readonly #growing = new Map<Cell, Growing>()
  /** Keys written by this call that are not known to be committed, and whether it removed others. */
  readonly #groups = new KeyGroups()
  #era = 1
  #writtenBytes = 0

  constructor(
    readonly base: KnownState<Uint8Array>,
    readonly limitBytes: number,
  ) {}

  /** How many transactions are open. */
  get depth(): number {
    return this.#journals.length
  }

  /** Begins a call.
   *  @param writes what became of the last one's */
  reset(writes: Writes): void {
    if (writes === 'unknown') this.#era += 1
    for (const cell of this.#written) {
      if (writes === 'committed' && cell.written !== undefined) {
        cell.committed = cell.written ?? undefined
        cell.era = this.#era
      }
      cell.written = undefined
      cell.listed = false
      cell.added = false
    }
    this.#written = []
    this.#journals.length = 0
    this.#growing.clear()
    this.#groups.clear()
    this.#writtenBytes = 0
  }

  /** All cells; another map once they were forgotten. */
  get cells(): ReadonlyMap<StorageKey, Cell> {
    return this.#cells
  }

  /** The key's cell: the same one until all are forgotten. */
  cell(key: StorageKey): Cell {
    const known = this.#cells.get(key)
    if (known) return known
    const cell = new Cell(key, this.#groups.of(key))
    this.#cells.set(key, cell)
    return cell
  }

  /** Forgets the cells of keys that this call did not write. */
  forgetCells(): void {
    this.#cells = new Map(this.#written.map((cell) => [cell.key, cell]))
    this.#groups.keep(this.#written.map(({ group }) => group))
  }

  read(cell: Cell): Uint8Array | undefined {
    return cell.written === undefined ? this.#committed(cell) : (cell.written ?? undefined)
  }

  write(cell: Cell, value: Uint8Array | null): void {
    if (this.#growing.size > 0) this.#growing.delete(cell)
    this.#put(cell, value)
    this.#writtenBytes += cell.key.length + (value?.length ?? 0)
    if (this.#writtenBytes > this.limitBytes) throw new LimitExceeded(this.limitBytes)
  }

  get(key: StorageKey): Uint8Array | undefined {
    const cell = this.#cells.get(key)
    return cell ? this.read(cell) : this.base.get(key)
  }

  set(key: StorageKey, value: Uint8Array | null): void {
    this.write(this.cell(key), value)
  }

  /** Appends an encoded item to a SCALE list; anything that is no list becomes a list of that item. Between two borders of a
   *  transaction the list grows in place, so that a thousand events cost no thousand copies. */
  append(cell: Cell, item: Uint8Array): void {
    let list = this.#growing.get(cell)
    if (!list) {
      const value = this.read(cell)
      const length = value && decodeCompact(value)
      const items = value && length ? value.subarray(length.size) : new Uint8Array(0)
      list = { buffer: new Uint8Array(0), head: compactRoom, end: compactRoom, count: length?.value ?? 0 }
      this.#extend(list, items)
      this.#growing.set(cell, list)
    }
    this.#extend(list, item)
    list.count += 1
    if (list.count > 0xffff_ffff) throw new GuestTrap('it appended to a list that is full')
    const compact = encodeCompact(list.count)
    list.head = compactRoom - compact.length
    list.buffer.set(compact, list.head)
    this.#put(cell, list.buffer.subarray(list.head, list.end))
    this.#writtenBytes += item.length
    if (this.#writtenBytes > this.limitBytes) throw new LimitExceeded(this.limitBytes)
  }

  /** The next key of the main trie, or of the child trie whose keys start with `within`. */
  nextKey(after: StorageKey, within?: StorageKey): StorageKey | undefined {
    const next = this.#groups.next(after, this.base.nextKey(after), this.#nextCommitted, this.#isThere)
    if (next === undefined) return undefined
    return within === undefined ? (isChildKey(next) ? undefined : next) : next.startsWith(within) ? next : undefined
  }

  /** Deletes below a prefix as Substrate counts it: this call's own writes all go and use up no limit; of the committed keys
   *  the first `limit` from `cursor` on are visited. */
  clearPrefix(prefix: StorageKey, limit: number | undefined, cursor?: StorageKey): Cleared {
    let overlaid = 0
    const group = this.#groups.holding(prefix)
    for (const cell of this.#written) {
      if (group !== undefined && cell.group !== group) continue
      const { key, written } = cell
      if (written === undefined || !key.startsWith(prefix) || isChildKey(key) !== isChildKey(prefix)) continue
      if (written) overlaid += 1
      this.write(cell, null)
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
      const cell = this.cell(key)
      if (cell.written !== null) {
        this.write(cell, null)
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
    for (const [cell, before] of journal) if (!outer.has(cell)) outer.set(cell, before)
  }

  /** @returns how many keys it had written */
  rollbackTransaction(): number {
    this.#growing.clear()
    const journal = this.#closeJournal()
    for (const [cell, before] of journal) cell.written = before
    return journal.size
  }

  /** Writes that change something against the committed state, ascending by key; transactions left open do not count. */
  changes(): [StorageKey, Uint8Array | null][] {
    while (this.#journals.length > 0) this.rollbackTransaction()
    const changed: Cell[] = []
    const unread = this.#written.filter(({ era }) => era !== this.#era).map(({ key }) => key)
    if (unread.length > 0) this.base.settle({ kind: 'keys', keys: unread })
    for (const cell of this.#written) {
      const { written } = cell
      if (written === undefined) continue
      const before = this.#committed(cell)
      if (written === null ? before !== undefined : before === undefined || !sameBytes(before, written))
        changed.push(cell)
    }
    return inOrder(changed).map(({ key, written }) => [key, written ?? null])
  }

  #committed(cell: Cell): Uint8Array | undefined {
    if (cell.era !== this.#era) {
      cell.committed = this.base.get(cell.key)
      cell.era = this.#era
    }
    return cell.committed
  }

  #put(cell: Cell, value: Uint8Array | null): void {
    const journal = this.#journals.at(-1)
    if (journal && !journal.has(cell)) journal.set(cell, cell.written)
    cell.written = value
    if (!cell.listed) {
      cell.listed = true
      this.#written.push(cell)
    }
    if (value === null) this.#groups.remove(cell.group)
    else if (!cell.added && (cell.era !== this.#era || cell.committed === undefined)) {
      cell.added = true
      this.#groups.add(cell.group, cell.key)
    }
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

  #closeJournal(): Map<Cell, Uint8Array | null | undefined> {
    const journal = this.#journals.pop()
    if (!journal) throw new GuestTrap('it closed a storage transaction that was not open')
    return journal
  }

  readonly #nextCommitted = (after: StorageKey): StorageKey | undefined => this.base.nextKey(after)
  readonly #isThere = (key: StorageKey): boolean => this.get(key) !== undefined
}

/** Most values are of a few bytes, for which a call out of JavaScript would cost more. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  if (a.length > fewBytes) return Buffer.compare(a, b) === 0
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}
