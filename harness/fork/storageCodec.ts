import type { Si1LookupTypeId, StorageEntryMetadataLatest } from '@polkadot/types/interfaces'
import { blake2AsU8a, Metadata, TypeRegistry, xxhashAsU8a } from './polkadotPackages.js'
import { constantMissing, metadataUnreadable, storageItemMissing, storageUndecodable } from '../errors/fork.js'
import type { Hex } from './forkState.js'
import { integer, ScaleReader, scaleTypes, type ScaleType } from './scaleType.js'

/** Storage keys and values of one runtime, by its metadata.
 *
 *  Plain JS of a SCALE value: integers of 8 to 32 bits are `number`, wider and compact ones `bigint` (either is taken when
 *  encoding); accounts are SS58 of prefix 42 (hexadecimal is taken too); byte vectors and arrays are `Hex`; fixed-point
 *  numbers (`{ bits }`) are their bits, `bigint`; a struct of one unnamed field is that field; other structs are objects by
 *  field name, tuples, vectors and maps are arrays (maps of [key, value]); `None` is `null`; an enum's variant is its name,
 *  or `{ name: fields }` when it has fields; the unit type is `null`.
 *
 *  Every function throws E202 when the runtime has no such item. */
export interface StorageCodec {
  has(pallet: string, item: string): boolean
  /** Every item, "Pallet.Item". */
  items(): readonly string[]
  /** How many keys an item has; 0 for a plain value. */
  keyCount(pallet: string, item: string): number
  /** Types of an item's keys: the last part of a type's path, such as `AccountId32`, or the name of a primitive, such as `U16`. */
  keyTypes(pallet: string, item: string): readonly string[]
  /** The item that a full key belongs to; `undefined` for a key of none. */
  itemOf(key: Hex): { readonly pallet: string; readonly item: string } | undefined
  /** Full key of an entry; as many arguments as the item has keys. */
  key(pallet: string, item: string, ...args: readonly unknown[]): Hex
  /** Key of all entries of an item, or of those that share the first keys. */
  prefix(pallet: string, item: string, ...firstKeys: readonly unknown[]): Hex
  /** @throws TypeError or RangeError when the value is not of the item's type */
  encode(pallet: string, item: string, value: unknown): Hex
  /** `null` (no entry) gives the item's default, or `null` where absence is meaningful (OptionQuery).
   *  @throws E203 when the bytes are not exactly one value of the item's type */
  decode(pallet: string, item: string, value: Hex | null): unknown
  /** Arguments of a full key.
   *  @throws E203 when the key is not one of this item; TypeError when the item's hasher does not keep the argument */
  decodeKey(pallet: string, item: string, key: Hex): unknown[]
  /** A constant that the metadata states, such as `System.Version`.
   *  @throws E204 when the pallet has no such constant */
  constant(pallet: string, name: string): unknown
}

interface KeyPart {
  readonly type: ScaleType
  /** Bytes of hash in front of the plain argument. */
  readonly hashBytes: number
  readonly concat: boolean
  readonly hashed: (plain: Uint8Array) => string
}

interface Item {
  readonly prefix: Hex
  readonly keys: readonly KeyPart[]
  readonly value: ScaleType
  /** Default value, or `undefined` where absence is meaningful. */
  readonly fallback: Hex | undefined
}

const hex = (bytes: Uint8Array | readonly number[]): string => Buffer.from(bytes).toString('hex')
const bytesOf = (value: Hex): Uint8Array => Buffer.from(value.slice(2), 'hex')

/** Item under which the frame keeps the version of a pallet's storage. */
const STORAGE_VERSION = ':__STORAGE_VERSION__:'

/** `0x`, then the hashes of pallet and item. */
const ITEM_PREFIX = 2 + 64

/** "meta" */
const MAGIC = '0x6d657461'

const HASHERS: Readonly<Record<string, { hash: (bytes: Uint8Array) => Uint8Array; size: number; concat: boolean }>> = {
  Identity: { hash: () => new Uint8Array(), size: 0, concat: true },
  Twox64Concat: { hash: (bytes) => xxhashAsU8a(bytes, 64), size: 8, concat: true },
  Twox128: { hash: (bytes) => xxhashAsU8a(bytes, 128), size: 16, concat: false },
  Twox256: { hash: (bytes) => xxhashAsU8a(bytes, 256), size: 32, concat: false },
  Blake2_128Concat: { hash: (bytes) => blake2AsU8a(bytes, 128), size: 16, concat: true },
  Blake2_128: { hash: (bytes) => blake2AsU8a(bytes, 128), size: 16, concat: false },
  Blake2_256: { hash: (bytes) => blake2AsU8a(bytes, 256), size: 32, concat: false },
}

/** `hash ++ plain`, remembered: a state asks for the same accounts under many items. */
function rememberingHasher(name: string): Pick<KeyPart, 'hashBytes' | 'concat' | 'hashed'> {
  const hasher = HASHERS[name]
  if (hasher === undefined) throw metadataUnreadable({ reason: `hasher ${name} is unknown` })
  const known = new Map<string, string>()
  return {
    hashBytes: hasher.size,
    concat: hasher.concat,
    hashed(bytes) {
      const plain = hex(bytes)
      let full = known.get(plain)
      if (full === undefined) known.set(plain, (full = hex(hasher.hash(bytes)) + (hasher.concat ? plain : '')))
      return full
    },
  }
}

/** Metadata as a runtime call returns it is a byte vector: its length stands before the magic "meta". */
function withoutLength(metadata: Hex): Hex {
  if (metadata.startsWith(MAGIC)) return metadata
  const reader = new ScaleReader(bytesOf(metadata))
  const length = reader.length()
  return `0x${hex(reader.take(length))}`
}

/** @throws E201 */
export function readMetadata(raw: Hex) {
  try {
    const bytes = withoutLength(raw)
    const metadata = new Metadata(new TypeRegistry(), bytes)
    if (metadata.version < 14) throw new RangeError(`its version is ${metadata.version}`)
    // The parser fills what is missing at the end with empty values.
    if (metadata.encodedLength !== bytes.length / 2 - 1) throw new RangeError('it is truncated or has bytes left over')
    return metadata.asLatest
  } catch (cause) {
    throw metadataUnreadable({ reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}

/** The one value that the bytes are. */
function readWhole(pallet: string, item: string, type: ScaleType, bytes: Uint8Array): unknown {
  try {
    const reader = new ScaleReader(bytes)
    const value = type.read(reader)
    if (reader.offset !== bytes.length) throw new RangeError(`${bytes.length - reader.offset} bytes are left over`)
    return value
  } catch (cause) {
    throw storageUndecodable({ pallet, item, reason: (cause as Error).message }, { cause })
  }
}

/** @param metadata SCALE bytes with the magic "meta", or as `Metadata_metadata` returns them (length first); V14 to V16
 *  @throws E201 when it cannot be read */
export function createStorageCodec(metadata: Hex): StorageCodec {
  const { lookup, pallets } = readMetadata(metadata)
  const typeOf = scaleTypes(lookup)
  const hashers = new Map<string, ReturnType<typeof rememberingHasher>>()
  const entries = new Map<string, { entry: StorageEntryMetadataLatest; storagePrefix: string }>()
  const items = new Map<string, Item>()
  for (const pallet of pallets) {
    if (pallet.storage.isNone) continue
    const storage = pallet.storage.unwrap()
    for (const entry of storage.items) {
      entries.set(`${pallet.name.toString()}.${entry.name.toString()}`, {
        entry,
        storagePrefix: storage.prefix.toString(),
      })
    }
  }

  const constants = new Map(
    pallets.flatMap((pallet) =>
      pallet.constants.map((constant) => [`${pallet.name.toString()}.${constant.name.toString()}`, constant] as const),
    ),
  )

  const hasher = (name: string) => {
    let made = hashers.get(name)
    if (made === undefined) hashers.set(name, (made = rememberingHasher(name)))
    return made
  }

  /** The argument types of a map: its key type, or its parts when there are several hashers. */
  const keyTypes = (key: Si1LookupTypeId, count: number): Si1LookupTypeId[] =>
    count === 1 ? [key] : [...lookup.getSiType(key).def.asTuple]

  const compileItem = ({
    entry,
    storagePrefix,
  }: {
    entry: StorageEntryMetadataLatest
    storagePrefix: string
  }): Item => {
    const prefix: Hex = `0x${hex(xxhashAsU8a(storagePrefix, 128))}${hex(xxhashAsU8a(entry.name.toString(), 128))}`
    const fallback = entry.modifier.isDefault ? entry.fallback.toHex() : undefined
    if (entry.type.isPlain) return { prefix, keys: [], value: typeOf(entry.type.asPlain), fallback }
    const { hashers: names, key, value } = entry.type.asMap
    const keys = keyTypes(key, names.length).map((id, index) => ({
      type: typeOf(id),
      ...hasher(names[index]?.type ?? ''),
    }))
    return { prefix, keys, value: typeOf(value), fallback }
  }

  const itemOf = (pallet: string, name: string): Item => {
    const path = `${pallet}.${name}`
    let item = items.get(path)
    if (item === undefined) {
      const found = entries.get(path)
      if (found === undefined) throw storageItemMissing({ pallet, item: name })
      items.set(path, (item = compileItem(found)))
    }
    return item
  }

  const keyOf = ({ prefix, keys }: Item, args: readonly unknown[]): Hex => {
    let key: Hex = prefix
    args.forEach((arg, index) => {
      const part = keys[index]
      if (part === undefined) throw new TypeError(`${args.length} keys where the item has ${keys.length}`)
      const plain: number[] = []
      part.type.write(arg, plain)
      key = `${key}${part.hashed(Uint8Array.from(plain))}`
    })
    return key
  }

  // The frame's own entry of each pallet, which the metadata does not list.
  const versions = pallets.map((pallet) => {
    const name = pallet.name.toString()
    const prefix: Hex = `0x${hex(xxhashAsU8a(name, 128))}${hex(xxhashAsU8a(STORAGE_VERSION, 128))}`
    items.set(`${name}.${STORAGE_VERSION}`, { prefix, keys: [], value: integer(2, false), fallback: undefined })
    return [prefix, { pallet: name, item: STORAGE_VERSION }] as const
  })

  let byPrefix: Map<string, { pallet: string; item: string }> | undefined
  const itemsByPrefix = () => {
    const located = [...entries.keys()].map((path) => {
      const [pallet = '', item = ''] = path.split('.')
      return [itemOf(pallet, item).prefix, { pallet, item }] as const
    })
    return new Map<string, { pallet: string; item: string }>([...versions, ...located])
  }

  const typeName = (id: Si1LookupTypeId): string => {
    const { path, def } = lookup.getSiType(id)
    return path.length > 0 ? String(path.at(-1)) : def.isPrimitive ? def.asPrimitive.type : def.type
  }

  return {
    has: (pallet, item) => entries.has(`${pallet}.${item}`),

    items: () => [...entries.keys()],

    keyCount: (pallet, item) => itemOf(pallet, item).keys.length,

    keyTypes(pallet, item) {
      const entry = entries.get(`${pallet}.${item}`)?.entry
      if (entry === undefined) throw storageItemMissing({ pallet, item })
      if (entry.type.isPlain) return []
      const { hashers: names, key } = entry.type.asMap
      return keyTypes(key, names.length).map(typeName)
    },

    itemOf: (key) => (byPrefix ??= itemsByPrefix()).get(key.slice(0, ITEM_PREFIX)),

    key(pallet, name, ...args) {
      const item = itemOf(pallet, name)
      if (args.length !== item.keys.length) {
        throw new TypeError(`${pallet}.${name} has ${item.keys.length} keys, ${args.length} were given`)
      }
      return keyOf(item, args)
    },

    prefix: (pallet, item, ...firstKeys) => keyOf(itemOf(pallet, item), firstKeys),

    encode(pallet, item, value) {
      const out: number[] = []
      itemOf(pallet, item).value.write(value, out)
      return `0x${hex(out)}`
    },

    decode(pallet, name, value) {
      const item = itemOf(pallet, name)
      const present = value ?? item.fallback
      return present === undefined ? null : readWhole(pallet, name, item.value, bytesOf(present))
    },

    decodeKey(pallet, name, key) {
      const item = itemOf(pallet, name)
      if (item.keys.some(({ concat }) => !concat))
        throw new TypeError(`${pallet}.${name} keeps only hashes of its keys`)
      try {
        if (!key.startsWith(item.prefix)) throw new RangeError('the key has another prefix')
        const reader = new ScaleReader(bytesOf(`0x${key.slice(item.prefix.length)}`))
        const args = item.keys.map(({ type, hashBytes }) => {
          reader.take(hashBytes)
          return type.read(reader)
        })
        if (reader.offset !== reader.bytes.length) throw new RangeError('the key is longer than its arguments')
        return args
      } catch (cause) {
        throw storageUndecodable({ pallet, item: name, reason: (cause as Error).message }, { cause })
      }
    },

    constant(pallet, name) {
      const constant = constants.get(`${pallet}.${name}`)
      if (constant === undefined) throw constantMissing({ pallet, name })
      return readWhole(pallet, name, typeOf(constant.type), constant.value.toU8a(true))
    },
  }
}
