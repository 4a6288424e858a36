import { concatBytes, encodeCompact } from './scale.js'

export type StateVersion = 0 | 1
type Hash = (bytes: Uint8Array) => Uint8Array

interface Entry {
  readonly nibbles: Uint8Array
  readonly value: Uint8Array
}

/** Values longer than this stand in a node of state version 1 by their hash. */
const inlineValueLimit = 32

/** Root of the base-16 Merkle-Patricia trie of the entries; a later entry replaces an earlier one of the same key.
 *  Node headers: 01 leaf, 10 branch, 11 branch with a value, 001 leaf and 0001 branch with a hashed value (version 1), 0 the empty trie.
 *  @see https://spec.polkadot.network/chap-state#sect-merkl-proof */
export function trieRoot(
  entries: Iterable<readonly [Uint8Array, Uint8Array]>,
  version: StateVersion,
  hash: Hash,
): Uint8Array {
  const unique = new Map<string, Entry>()
  for (const [key, value] of entries)
    unique.set(Buffer.from(key).toString('latin1'), { nibbles: nibblesOf(key), value })
  const sorted = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  return hash(sorted.length === 0 ? Uint8Array.of(0) : encodeNode(sorted, 0, version, hash))
}

/** Root over the values with their compact-encoded positions as keys: what a header calls the extrinsics root. */
export function orderedTrieRoot(values: readonly Uint8Array[], version: StateVersion, hash: Hash): Uint8Array {
  return trieRoot(
    values.map((value, index) => [encodeCompact(index), value] as const),
    version,
    hash,
  )
}

function nibblesOf(key: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: key.length * 2 }, (_, index) => {
    const byte = key[index >> 1] as number
    return index & 1 ? byte & 15 : byte >> 4
  })
}

/** The node over ascending entries that share their first `depth` nibbles. */
function encodeNode(entries: readonly Entry[], depth: number, version: StateVersion, hash: Hash): Uint8Array {
  const first = entries[0] as Entry
  const last = entries.at(-1) as Entry
  let end = depth
  while (end < first.nibbles.length && end < last.nibbles.length && first.nibbles[end] === last.nibbles[end]) end += 1
  const path = first.nibbles.subarray(depth, end)
  const value = first.nibbles.length === end ? first.value : undefined
  const children: Children = []
  for (let index = value === undefined ? 0 : 1; index < entries.length;) {
    const nibble = (entries[index] as Entry).nibbles[end] as number
    let past = index
    while (past < entries.length && (entries[past] as Entry).nibbles[end] === nibble) past += 1
    const child = encodeNode(entries.slice(index, past), end + 1, version, hash)
    children.push([nibble, child.length < 32 ? child : hash(child)])
    index = past
  }
  return encodeTrieNode(path, value, children, version, hash)
}

/** Nibble and what a parent holds of the node there (the node below 32 bytes, or its hash), ascending. */
export type Children = [nibble: number, reference: Uint8Array][]

/** A node: its path of nibbles, the value of the key that ends there, its children. */
export function encodeTrieNode(
  path: Uint8Array,
  stored: Uint8Array | undefined,
  children: Readonly<Children>,
  version: StateVersion,
  hash: Hash,
): Uint8Array {
  const value = stored && encodeValue(stored, version, hash)
  if (children.length === 0 && value)
    return concatBytes(value.hashed ? header(0b0010_0000, 31, path) : header(0b0100_0000, 63, path), value.bytes)
  const bitmap = children.reduce((bits, [nibble]) => bits | (1 << nibble), 0)
  const head = !value
    ? header(0b1000_0000, 63, path)
    : value.hashed
      ? header(0b0001_0000, 15, path)
      : header(0b1100_0000, 63, path)
  const references = children.flatMap(([, reference]) => [encodeCompact(reference.length), reference])
  return concatBytes(head, Uint8Array.of(bitmap, bitmap >> 8), value?.bytes ?? new Uint8Array(0), ...references)
}

function encodeValue(value: Uint8Array, version: StateVersion, hash: Hash): { hashed: boolean; bytes: Uint8Array } {
  if (version === 1 && value.length > inlineValueLimit) return { hashed: true, bytes: hash(value) }
  return { hashed: false, bytes: concatBytes(encodeCompact(value.length), value) }
}

/** The kind's bits and the path's nibble count, then the path two nibbles a byte, a single one first. */
function header(kind: number, mostInFirstByte: number, path: Uint8Array): Uint8Array {
  const bytes: number[] = []
  let rest = path.length
  if (rest < mostInFirstByte) bytes.push(kind | rest)
  else {
    bytes.push(kind | mostInFirstByte)
    for (rest -= mostInFirstByte; rest >= 255; rest -= 255) bytes.push(255)
    bytes.push(rest)
  }
  let index = 0
  if (path.length & 1) {
    bytes.push(path[0] as number)
    index = 1
  }
  for (; index < path.length; index += 2) bytes.push(((path[index] as number) << 4) | (path[index + 1] as number))
  return Uint8Array.from(bytes)
}
