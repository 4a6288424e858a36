import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'

/** Decoded reads of one state of one subnet's epoch. Absent entries read as the item's default; an item that the
 *  runtime does not have reads as an absent entry without default. */
export interface ChainState {
  readonly entries: ReadonlyMap<Hex, Hex>
  has(item: string, ...args: readonly unknown[]): boolean
  /** Integers of any width and fixed point (its bits). */
  int(item: string, ...args: readonly unknown[]): bigint
  flag(item: string, ...args: readonly unknown[]): boolean
  /** SS58; `undefined` where the entry is absent and the item has no default. */
  account(item: string, ...args: readonly unknown[]): string | undefined
  list(item: string, ...args: readonly unknown[]): readonly unknown[]
  /** Any other value, as the codec gives it. */
  value(item: string, ...args: readonly unknown[]): unknown
  /** Subnets of the chain, root left out. */
  netuids(): readonly number[]
  /** Entries of an item whose first key is the netuid: the accounts after it and the raw value. */
  below(item: string, netuid: number): Generator<[accounts: readonly string[], value: Hex]>
  /** Entries of an item whose last key is the netuid: the accounts before it and the raw value. */
  endingIn(item: string, netuid: number): Generator<[accounts: readonly string[], value: Hex]>
}

/** The item's pallet: SubtensorModule unless it is written out ("AlphaAssets.AlphaBurned"). */
function pathOf(item: string): [pallet: string, item: string] {
  const [first = item, second] = item.split('.')
  return second === undefined ? ['SubtensorModule', first] : [first, second]
}

export function chainState(codec: StorageCodec, entries: ReadonlyMap<Hex, Hex>): ChainState {
  const value = (item: string, ...args: readonly unknown[]): unknown => {
    const path = pathOf(item)
    if (!codec.has(...path)) return null
    return codec.decode(...path, entries.get(codec.key(...path, ...args)) ?? null)
  }
  const list = (item: string, ...args: readonly unknown[]): readonly unknown[] => {
    const found = value(item, ...args)
    return Array.isArray(found) ? found : []
  }
  return {
    entries,
    value,
    list,
    has: (item, ...args) => {
      const path = pathOf(item)
      return codec.has(...path) && entries.has(codec.key(...path, ...args))
    },
    int: (item, ...args) => {
      const found = value(item, ...args)
      return typeof found === 'bigint' ? found : typeof found === 'number' ? BigInt(found) : 0n
    },
    flag: (item, ...args) => value(item, ...args) === true,
    account: (item, ...args) => {
      const found = value(item, ...args)
      return typeof found === 'string' ? found : undefined
    },
    netuids() {
      const prefix = codec.prefix('SubtensorModule', 'NetworksAdded')
      return [...entries.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => Number(codec.decodeKey('SubtensorModule', 'NetworksAdded', key)[0]))
        .filter((netuid) => netuid !== 0)
    },
    *below(item, netuid) {
      const path = pathOf(item)
      if (!codec.has(...path)) return
      const prefix = codec.prefix(...path, netuid)
      for (const [key, raw] of entries) {
        if (key.startsWith(prefix))
          yield [
            codec
              .decodeKey(...path, key)
              .slice(1)
              .map(String),
            raw,
          ]
      }
    },
    *endingIn(item, netuid) {
      const path = pathOf(item)
      if (!codec.has(...path)) return
      const prefix = codec.prefix(...path)
      const suffix = identityOf(netuid)
      for (const [key, raw] of entries) {
        if (key.endsWith(suffix) && key.startsWith(prefix)) {
          yield [
            codec
              .decodeKey(...path, key)
              .slice(0, -1)
              .map(String),
            raw,
          ]
        }
      }
    },
  }
}

/** A u16 key under the identity hasher: two bytes, little-endian. */
function identityOf(netuid: number): string {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(netuid)
  return bytes.toString('hex')
}
