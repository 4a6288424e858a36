import { encodeAddress } from '../fork/polkadotPackages.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { rulesOf } from '../replay/rules.js'

/** Decoded reads of one state of one subnet's epoch, for items of SubtensorModule unless the pallet is written out
 *  ("AlphaAssets.AlphaBurned"). Absent entries read as the item's default; an item that the runtime does not have reads as
 *  zero, false, empty. */
export interface ChainState {
  readonly entries: ReadonlyMap<Hex, Hex>
  /** The spec whose rules hold; see `rulesOf`. */
  readonly rules: number
  /** Whether the runtime has such an item at all. */
  knows(item: string): boolean
  has(item: string, ...args: readonly unknown[]): boolean
  /** Unsigned integers of any width; of signed and fixed-point ones the bits. */
  int(item: string, ...args: readonly unknown[]): bigint
  flag(item: string, ...args: readonly unknown[]): boolean
  /** SS58; empty where the entry is absent and the item has no default. */
  account(item: string, ...args: readonly unknown[]): string
  list(item: string, ...args: readonly unknown[]): readonly unknown[]
  /** Any other value, as the codec gives it. */
  value(item: string, ...args: readonly unknown[]): unknown
  /** Subnets of the chain, root left out, in the order in which the chain goes through them: that of their keys. */
  netuids(): readonly number[]
  /** Entries of an item whose first key is the netuid: the accounts after it and the raw value. */
  below(item: string, netuid: number): Generator<[accounts: readonly string[], value: Hex]>
  /** Entries of an item whose last key is the netuid: the accounts before it and the raw value. */
  endingIn(item: string, netuid: number): Generator<[accounts: readonly string[], value: Hex]>
}

export function chainState(codec: StorageCodec, entries: ReadonlyMap<Hex, Hex>): ChainState {
  const { path, key } = remembered(codec)
  const raw = (item: string, args: readonly unknown[]): Hex | undefined => {
    const at = key(item, args)
    return at === undefined ? undefined : entries.get(at)
  }
  const value = (item: string, ...args: readonly unknown[]): unknown =>
    codec.has(...path(item)) ? codec.decode(...path(item), raw(item, args) ?? null) : null
  let grouped: ReadonlyMap<string, readonly (readonly [Hex, Hex])[]> | undefined
  const below = (prefix: Hex) => {
    grouped ??= byItem(entries)
    return (grouped.get(prefix.slice(0, ITEM_PREFIX)) ?? []).filter(([entry]) => entry.startsWith(prefix))
  }
  const matching = function* (item: string, first: readonly unknown[], suffix: string) {
    if (!codec.has(...path(item))) return
    const prefix = codec.prefix(...path(item), ...first)
    for (const [entry, found] of below(prefix)) {
      if (!entry.endsWith(suffix)) continue
      yield [accountsIn(entry.slice(prefix.length, entry.length - suffix.length)), found] as [string[], Hex]
    }
  }
  return {
    entries,
    rules: rulesOf(codec, entries),
    value,
    knows: (item) => codec.has(...path(item)),
    has: (item, ...args) => raw(item, args) !== undefined,
    int(item, ...args) {
      const found = raw(item, args)
      if (found !== undefined) return littleEndian(found)
      const fallback = value(item, ...args)
      return typeof fallback === 'bigint' || typeof fallback === 'number' ? BigInt(fallback) : 0n
    },
    flag: (item, ...args) => value(item, ...args) === true,
    account(item, ...args) {
      const found = raw(item, args)
      if (found !== undefined) return address(found.slice(2))
      const fallback = value(item, ...args)
      return typeof fallback === 'string' ? fallback : ''
    },
    list(item, ...args) {
      const found = value(item, ...args)
      return Array.isArray(found) ? found : []
    },
    netuids() {
      const prefix = codec.prefix('SubtensorModule', 'NetworksAdded')
      return below(prefix)
        .map(([entry]) => entry)
        .sort()
        .map((entry) => Number(littleEndian(`0x${entry.slice(prefix.length)}`)))
        .filter((netuid) => netuid !== 0)
    },
    below: (item, netuid) => matching(item, [netuid], ''),
    endingIn: (item, netuid) => matching(item, [], identityOf(netuid)),
  }
}

function byItem(entries: ReadonlyMap<Hex, Hex>): ReadonlyMap<string, readonly (readonly [Hex, Hex])[]> {
  const items = new Map<string, (readonly [Hex, Hex])[]>()
  for (const entry of entries) {
    const item = entry[0].slice(0, ITEM_PREFIX)
    const found = items.get(item)
    if (found === undefined) items.set(item, [entry])
    else found.push(entry)
  }
  return items
}

/** Little-endian bytes as an unsigned integer. */
export function littleEndian(raw: Hex): bigint {
  const bytes = Buffer.from(raw.slice(2), 'hex')
  if (bytes.length === 8) return bytes.readBigUInt64LE()
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.reverse().toString('hex')}`)
}

/** A u16 key under the identity hasher: two bytes, little-endian. */
function identityOf(netuid: number): string {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(netuid)
  return bytes.toString('hex')
}

/** `0x`, then the hashes of pallet and item. */
const ITEM_PREFIX = 2 + 64

/** Characters of a Blake2_128Concat account key: 16 bytes of hash, 32 of account. */
const ACCOUNT_KEY = 96
const ACCOUNT_HASH = 32

function accountsIn(keys: string): string[] {
  const accounts: string[] = []
  for (let at = 0; at < keys.length; at += ACCOUNT_KEY) {
    accounts.push(address(keys.slice(at + ACCOUNT_HASH, at + ACCOUNT_KEY)))
  }
  return accounts
}

// An epoch asks for the same accounts under many items, and so do all the epochs of a run.
const addresses = new Map<string, string>()

/** @param id 32 bytes, hexadecimal without prefix */
function address(id: string): string {
  let found = addresses.get(id)
  if (found === undefined) addresses.set(id, (found = encodeAddress(Buffer.from(id, 'hex'), 42)))
  return found
}

interface Remembered {
  readonly path: (item: string) => readonly [pallet: string, item: string]
  /** `undefined` when the runtime has no such item. */
  readonly key: (item: string, args: readonly unknown[]) => Hex | undefined
}

/** The key of an item with the arguments that led here, and what further arguments lead to: to look for each argument by itself
 *  costs less than to write them into one text. */
interface Known {
  key: Hex | undefined
  readonly further: Map<unknown, Known>
}

const ofCodec = new WeakMap<StorageCodec, Remembered>()

function remembered(codec: StorageCodec): Remembered {
  const known = ofCodec.get(codec)
  if (known !== undefined) return known
  const paths = new Map<string, readonly [string, string]>()
  const keys = new Map<string, Known>()
  const path = (item: string): readonly [string, string] => {
    let found = paths.get(item)
    if (found === undefined) {
      const [first = item, second] = item.split('.')
      paths.set(item, (found = second === undefined ? ['SubtensorModule', first] : [first, second]))
    }
    return found
  }
  const made: Remembered = {
    path,
    key(item, args) {
      let known = keys.get(item)
      if (known === undefined) keys.set(item, (known = { key: undefined, further: new Map() }))
      for (const arg of args) {
        let next = known.further.get(arg)
        if (next === undefined) known.further.set(arg, (next = { key: undefined, further: new Map() }))
        known = next
      }
      if (known.key === undefined && codec.has(...path(item))) known.key = codec.key(...path(item), ...args)
      return known.key
    },
  }
  ofCodec.set(codec, made)
  return made
}
