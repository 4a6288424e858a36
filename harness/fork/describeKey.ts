import type { Hex } from './forkState.js'
import type { StorageCodec } from './storageCodec.js'

/** A key as a reader knows it, `SubtensorModule.Weights(31, 5)`; as it is where the metadata does not tell. */
export function describeKey(codec: StorageCodec, key: Hex): string {
  const found = codec.itemOf(key)
  if (found === undefined) return `the key ${key}`
  const { pallet, item } = found
  const name = `${pallet}.${item}`
  if (codec.keyCount(pallet, item) === 0) return name
  try {
    return `${name}(${codec.decodeKey(pallet, item, key).join(', ')})`
  } catch {
    return key === codec.prefix(pallet, item) ? `all of ${name}` : `${name} (key ${key})`
  }
}
