import { EpochdiffError } from '../errors/epochdiffError.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { ItemChanges, Json, StorageChange } from './appliedPatch.js'

/** Listed of an item's changes; the others are counted. */
const listedEntries = 20
/** Bytes of a value beyond which a list of changes only states its length. */
const shownBytes = 2_000

/** A key whose value changed; `null` is no entry. */
export interface RawChange {
  readonly key: Hex
  readonly before: Hex | null
  readonly after: Hex | null
}

/** Plain JS of a `StorageCodec` as JSON: wide integers become decimal strings. */
export function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]))
}

/** The change decoded by the metadata of the runtime that reads the value before, and of the one that reads it after. */
export function showChange(
  { key, before, after }: RawChange,
  codecs: { readonly before: StorageCodec; readonly after: StorageCodec },
): StorageChange {
  const [codec] = [codecs.after, codecs.before].filter((each) => each.itemOf(key) !== undefined)
  const found = codec?.itemOf(key)
  const read = (value: Hex | null, reader: StorageCodec) => ({
    stored: value !== null,
    value: found === undefined ? value : decoded(reader, found.pallet, found.item, value),
  })
  return {
    item: found === undefined ? key : `${found.pallet}.${found.item}`,
    keys: codec === undefined || found === undefined ? [] : keysOf(codec, found.pallet, found.item, key),
    before: read(before, codecs.before),
    after: read(after, codecs.after),
  }
}

/** Changes by item, ascending by key within it. */
export function showChanges(
  changes: readonly RawChange[],
  codecs: { readonly before: StorageCodec; readonly after: StorageCodec },
): ItemChanges[] {
  const itemOf = (key: Hex) => codecs.after.itemOf(key) ?? codecs.before.itemOf(key)
  const groups = new Map<string, RawChange[]>()
  for (const change of changes) {
    const found = itemOf(change.key)
    const name = found === undefined ? change.key.slice(0, 66) : `${found.pallet}.${found.item}`
    groups.set(name, [...(groups.get(name) ?? []), change])
  }
  return [...groups]
    .map(([item, group]) => ({
      item,
      written: group.filter(({ after }) => after !== null).length,
      removed: group.filter(({ after }) => after === null).length,
      entries: group.slice(0, listedEntries).map((change) => shortened(showChange(change, codecs), change)),
    }))
    .sort((a, b) => (a.item < b.item ? -1 : 1))
}

function shortened(shown: StorageChange, raw: RawChange): StorageChange {
  const short = (side: 'before' | 'after') => {
    const bytes = ((raw[side]?.length ?? 2) - 2) / 2
    return bytes <= shownBytes ? shown[side] : { stored: true, value: `${bytes} bytes` }
  }
  return { ...shown, before: short('before'), after: short('after') }
}

function decoded(codec: StorageCodec, pallet: string, item: string, value: Hex | null): Json {
  try {
    return toJson(codec.decode(pallet, item, value))
  } catch (error) {
    if (!(error instanceof EpochdiffError)) throw error
    return value
  }
}

/** A hasher that does not keep its argument leaves the key as it is. */
function keysOf(codec: StorageCodec, pallet: string, item: string, key: Hex): Json[] {
  try {
    return codec.decodeKey(pallet, item, key).map(toJson)
  } catch {
    return [key]
  }
}
