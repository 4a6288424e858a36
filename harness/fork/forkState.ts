import type { KeyRange } from './keyRanges.js'

/** Lower-case hexadecimal with the 0x prefix. */
export type Hex = `0x${string}`

/** The part of a block header that a replay builds on. */
export interface ForkHeader {
  readonly number: number
  readonly hash: Hex
}

/** Where a chain state came from, as a report says it. */
export interface ForkSource {
  readonly kind: 'built-in' | 'chain-spec' | 'chain'
  readonly name: string
  /** What the data itself says, with provenance. */
  readonly recorded: readonly string[]
  /** What the data lacks and the scenario states instead. */
  readonly assumed: readonly string[]
  /** Of a chain's state: proven, or trusted from whom. */
  readonly trust?: string
}

/** A chain state at one block: raw storage keys and values (`:code` included), read-only. */
export interface ForkState {
  readonly source: ForkSource
  readonly header: ForkHeader
  /** Raw storage, key -> value: all of it, or what was read before the replay. */
  readonly storage: ReadonlyMap<Hex, Hex>
  /** Answers for what `storage` does not tell; `undefined` when `storage` is the whole state. */
  readonly remote?: RemoteState | undefined
}

/** A part of a state: whatever was asked for, and what was read ahead with it. */
export interface StatePart<Key extends string = Hex, Value = Hex> {
  readonly entries: readonly (readonly [key: Key, value: Value])[]
  /** Keys that have no entry. */
  readonly absent: readonly Key[]
  /** Ranges of keys whose every entry is among `entries`. */
  readonly ranges: readonly KeyRange<Key>[]
}

/** What somebody needs to know of a state: some keys, every entry below a prefix, or the entries that follow from a key on
 *  (as many as the source likes, at least one unless none follows). */
export type StateQuestion<Key extends string = Hex> =
  | { readonly kind: 'keys'; readonly keys: readonly Key[] }
  | { readonly kind: 'below'; readonly prefix: Key }
  | { readonly kind: 'from'; readonly key: Key }

/** A state that is read when it is asked for, from a node or a file. Absence is always known, never guessed. */
export interface RemoteState {
  /** Ranges of which the fork's `storage` has every entry; it may have others besides. */
  readonly ranges: readonly KeyRange<Hex>[]
  /** The answer settles the question; what was read before is not asked of the source again.
   *  @throws what the source cannot answer, as a numbered error that names the key */
  ask(question: StateQuestion): Promise<StatePart>
}
