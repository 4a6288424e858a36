/** Lower-case hexadecimal with the 0x prefix. */
export type Hex = `0x${string}`

/** The part of a block header that a replay builds on. */
export interface ForkHeader {
  readonly number: number
  readonly hash: Hex
}

/** Where a chain state came from, as a report says it. */
export interface ForkSource {
  readonly kind: 'built-in'
  readonly name: string
  /** What the data itself says, with provenance. */
  readonly recorded: readonly string[]
  /** What the data lacks and the scenario states instead. */
  readonly assumed: readonly string[]
}

/** A chain state at one block: raw storage keys and values (`:code` included), read-only. */
export interface ForkState {
  readonly source: ForkSource
  readonly header: ForkHeader
  /** Raw storage, key -> value. */
  readonly storage: ReadonlyMap<Hex, Hex>
}
