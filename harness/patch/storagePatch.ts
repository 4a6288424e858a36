import { didYouMean } from '../errors/didYouMean.js'
import { storageItemUnknown, storageKeysInvalid, storageValueInvalid } from '../errors/patch.js'
import type { EngineArm } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { parseStoragePath, type StoragePath } from '../fork/storagePath.js'
import type { StoragePatch, StorageWrite } from '../runtime/patch.js'
import type { AppliedStorage } from './appliedPatch.js'
import { type RawChange, showChange } from './showStorage.js'

/** Writes the entries to the arm, in order. A zero, `false` or empty value is an entry like any other; `null` removes one.
 *  @param placeOf where an entry of the patch was stated
 *  @throws E360 for an item that the runtime lacks, E361 for keys and E362 for a value that are not of its types */
export async function applyStoragePatch(
  arm: EngineArm,
  codec: StorageCodec,
  patch: StoragePatch,
  placeOf: (path: string) => string,
): Promise<{ applied: AppliedStorage; changes: readonly RawChange[] }> {
  const encoded = patch.set.map((write) => encodeWrite(codec, write, placeOf(write.path)))
  const changes: RawChange[] = []
  for (const [key, after] of encoded) {
    const [before = null] = await arm.read([key])
    await arm.write([[key, after]])
    changes.push({ key, before, after })
  }
  const writes = changes.map((change) => showChange(change, { before: codec, after: codec }))
  return { applied: { kind: 'storage', writes }, changes }
}

function encodeWrite(codec: StorageCodec, { path, value }: StorageWrite, at: string): readonly [Hex, Hex | null] {
  const { pallet, item, keys } = parseStoragePath(path)
  requireItem(codec, { pallet, item, keys }, at)
  const count = codec.keyCount(pallet, item)
  const refuseKeys = (reason: string) => storageKeysInvalid({ at, path, reason })
  if (keys.length !== count) {
    throw refuseKeys(`${pallet}.${item} has ${count} ${count === 1 ? 'key' : 'keys'}, ${keys.length} given`)
  }
  const key = orRefuse(() => codec.key(pallet, item, ...keys), refuseKeys)
  if (value === null) return [key, null]
  return [
    key,
    orRefuse(
      () => codec.encode(pallet, item, value),
      (reason) => storageValueInvalid({ at, path, reason }),
    ),
  ]
}

function requireItem(codec: StorageCodec, { pallet, item }: StoragePath, at: string): void {
  if (codec.has(pallet, item)) return
  const items = codec.items()
  const ofPallet = items.filter((name) => name.startsWith(`${pallet}.`))
  const pallets = [...new Set(items.map((name) => name.split('.')[0] ?? ''))]
  const path = `${pallet}.${item}`
  if (ofPallet.length > 0) {
    throw storageItemUnknown({ at, path, meant: didYouMean(path, ofPallet), known: ofPallet })
  }
  const meantPallet = didYouMean(pallet, pallets)
  const meant = meantPallet === undefined ? undefined : `${meantPallet}.${item}`
  throw storageItemUnknown({ at, path, meant, known: pallets.map((name) => `${name}.*`) })
}

/** What does not fit a type of the metadata is an error about the patch. */
function orRefuse<T>(encode: () => T, refuse: (reason: string) => Error): T {
  try {
    return encode()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw refuse(error.message)
    throw error
  }
}
