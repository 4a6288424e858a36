import type { StorageCodec } from '../../../fork/storageCodec.js'
import type { HostContext } from '../host/context.js'
import { bytesToHex, keyFromHex, type StorageKey } from '../storageKey.js'

/** One entry of the storage. */
export interface Entry {
  readonly key: StorageKey
  /** As it stands, decoded. */
  value(): unknown
}

/** Entries whose key is hashed once, and whose value is decoded again only when its bytes are others: hooks ask in every epoch
 *  for the same entries of every uid, few of which change. */
export function openEntries(
  { storage }: HostContext,
  codec: StorageCodec,
): {
  entryOf(pallet: string, item: string, ...keys: readonly unknown[]): Entry
  /** Reads all at once: of a fork that is read when it is needed, each alone would be a round trip. */
  settle(entries: readonly Entry[]): void
} {
  return {
    entryOf(pallet, item, ...keys) {
      const key = keyFromHex(codec.key(pallet, item, ...keys))
      let { cell, cells } = { cell: storage.cell(key), cells: storage.cells }
      let known: { readonly bytes: Uint8Array | undefined; readonly value: unknown } | undefined
      return {
        key,
        value() {
          // Bytes of the storage are never modified in place: the same array is the same value.
          if (cells !== storage.cells) ({ cell, cells } = { cell: storage.cell(key), cells: storage.cells })
          const bytes = storage.read(cell)
          if (known === undefined || known.bytes !== bytes) {
            known = { bytes, value: codec.decode(pallet, item, bytes === undefined ? null : bytesToHex(bytes)) }
          }
          return known.value
        },
      }
    },
    settle: (entries) => storage.base.settle({ kind: 'keys', keys: entries.map(({ key }) => key) }),
  }
}

/** A function that makes what belongs to an argument once. */
export function remembering<Argument, Made>(make: (argument: Argument) => Made): (argument: Argument) => Made {
  const known = new Map<Argument, Made>()
  return (argument) => {
    const made = known.get(argument) ?? make(argument)
    known.set(argument, made)
    return made
  }
}
