import type { StorageDiff } from '../engine.js'
import { isChildKey, rawKey, type StorageKey } from './storageKey.js'

const lengthBytes = 4
/** In place of a value's length, where the key was removed. */
const removed = 0xffff_ffff

/** A call's changes on their way from a worker, each as length and bytes of key and value: hexadecimal would be twice as long,
 *  and text that is copied again and again.
 *  @param changes ascending by key */
export function packDiff(changes: readonly (readonly [StorageKey, Uint8Array | null])[]): Uint8Array {
  const entries = changes.map(([key, value]) => [rawKey(key), value] as const)
  // Child tries come last here but have their place among the raw keys.
  if (changes.some(([key]) => isChildKey(key))) entries.sort(([a], [b]) => (a < b ? -1 : 1))
  const size = entries.reduce((sum, [key, value]) => sum + 2 * lengthBytes + key.length + (value?.length ?? 0), 0)
  const packed = Buffer.from(new ArrayBuffer(size))
  let at = 0
  for (const [key, value] of entries) {
    at = packed.writeUInt32LE(key.length, at)
    at += packed.write(key, at, 'latin1')
    at = packed.writeUInt32LE(value?.length ?? removed, at)
    if (value === null) continue
    packed.set(value, at)
    at += value.length
  }
  return packed
}

export function unpackDiff(packed: Uint8Array): StorageDiff {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length)
  const diff: [`0x${string}`, `0x${string}` | null][] = []
  let at = 0
  const take = (length: number): `0x${string}` => {
    at += length
    return `0x${bytes.toString('hex', at - length, at)}`
  }
  const takeLength = (): number => {
    at += lengthBytes
    return bytes.readUInt32LE(at - lengthBytes)
  }
  while (at < bytes.length) {
    const key = take(takeLength())
    const length = takeLength()
    diff.push([key, length === removed ? null : take(length)])
  }
  return diff
}
