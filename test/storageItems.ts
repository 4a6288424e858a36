import { Metadata, TypeRegistry } from '@polkadot/types'
import type { Hex } from '../harness/fork/forkState.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'

/** Entries that are not, byte for byte, what the codec makes of what it reads: keys and values of an unknown item, of another
 *  type, or not in their canonical form. The well-known keys (`:code`) are left out.
 *  @param metadata as the runtime returns it */
export function misencoded(storage: ReadonlyMap<Hex, Hex>, codec: StorageCodec, metadata: Hex): Hex[] {
  const items = storageItems(codec, metadata)
  const same = (key: Hex, value: Hex): boolean => {
    const path = items.get(key.slice(0, 66))
    if (path === undefined) return false
    return (
      codec.key(...path, ...codec.decodeKey(...path, key)) === key &&
      codec.encode(...path, codec.decode(...path, value)) === value
    )
  }
  return [...storage].filter(([key, value]) => !key.startsWith('0x3a') && !same(key, value)).map(([key]) => key)
}

/** Items by the prefix of their keys.
 *  @param metadata as the runtime returns it */
export function storageItems(
  codec: StorageCodec,
  metadata: Hex,
): ReadonlyMap<string, readonly [pallet: string, item: string]> {
  // Its length, four bytes, stands in front.
  const { pallets } = new Metadata(new TypeRegistry(), `0x${metadata.slice(10)}`).asLatest
  const items = new Map<string, readonly [pallet: string, item: string]>()
  for (const { name, storage: entries } of pallets) {
    for (const item of entries.isNone ? [] : entries.unwrap().items) {
      const path = [name.toString(), item.name.toString()] as const
      items.set(codec.prefix(...path), path)
    }
  }
  return items
}
