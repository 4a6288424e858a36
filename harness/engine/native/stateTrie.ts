import type { Hex } from '../../fork/forkState.js'
import { lowerBound, movedKeys } from '../../fork/sortedKeys.js'
import type { StorageDiff } from '../engine.js'
import { blake2b256 } from './hashes.js'
import { type Children, encodeTrieNode, type StateVersion } from './trieRoot.js'

/** A state whose root is computed again after each change, of the changed branches only. */
export interface StateTrie {
  /** Every entry, key -> value. */
  readonly entries: ReadonlyMap<Hex, Hex>
  apply(diff: StorageDiff): void
  /** Root of the main trie; a change of version computes all of it again. */
  root(version: StateVersion): Hex
}

const bytesOf = (hex: Hex): Uint8Array => Buffer.from(hex.slice(2), 'hex')
const empty = Uint8Array.of(0)

export function openStateTrie(storage: ReadonlyMap<Hex, Hex>): StateTrie {
  const entries = new Map(storage)
  /** Ascending; a character is a nibble. */
  let keys: string[] = [...entries.keys()].sort()
  /** What a parent holds of the node below a path of nibbles: the node, or its hash. */
  const known = new Map<string, Uint8Array>()
  let knownVersion: StateVersion = 1

  const forget = (key: Hex): void => {
    for (let length = 2; length <= key.length; length += 1) known.delete(key.slice(0, length))
  }

  /** The node over keys[from] to keys[to - 1], which share their first `depth` characters. */
  const encode = (from: number, to: number, depth: number, version: StateVersion): Uint8Array => {
    const first = keys[from] as Hex
    const last = keys[to - 1] as Hex
    let end = depth
    while (end < first.length && end < last.length && first[end] === last[end]) end += 1
    const value = first.length === end ? bytesOf(entries.get(first) as Hex) : undefined
    const children: Children = []
    for (let at = value === undefined ? from : from + 1; at < to;) {
      const path = (keys[at] as string).slice(0, end + 1)
      const past = lowerBound(keys, `${path}g`)
      let reference = known.get(path)
      if (reference === undefined) {
        const node = encode(at, past, end + 1, version)
        reference = node.length < 32 ? node : blake2b256(node)
        known.set(path, reference)
      }
      children.push([Number.parseInt(path[end] ?? '', 16), reference])
      at = past
    }
    const nibbles = Uint8Array.from(first.slice(depth, end), (digit) => Number.parseInt(digit, 16))
    return encodeTrieNode(nibbles, value, children, version, blake2b256)
  }

  return {
    entries,
    apply(diff) {
      for (const [key, value] of diff) {
        forget(key)
        if (value === null) entries.delete(key)
        else entries.set(key, value)
      }
      keys = movedKeys(keys, new Set(diff.map(([key]) => key)), (key) => entries.has(key as Hex))
    },
    root(version) {
      if (version !== knownVersion) known.clear()
      knownVersion = version
      const node = keys.length === 0 ? empty : encode(0, keys.length, 2, version)
      return `0x${Buffer.from(blake2b256(node)).toString('hex')}`
    },
  }
}
