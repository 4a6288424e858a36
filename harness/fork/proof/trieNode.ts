/** A value in a node: the bytes, or (state version 1, longer than 32 bytes) their blake2-256. */
type NodeValue = { readonly bytes: Uint8Array } | { readonly hash: Uint8Array }

/** A child: a node of less than 32 bytes in place, or the hash of one. */
export type NodeChild = { readonly node: Uint8Array } | { readonly hash: Uint8Array }

/** A node of the base-16 trie. */
export interface TrieNode {
  /** Nibbles between the parent's branch and this node. */
  readonly path: readonly number[]
  readonly value: NodeValue | undefined
  /** By nibble. */
  readonly children: ReadonlyMap<number, NodeChild>
}

/** Kinds by the highest bits of the first byte. */
const kinds = [
  { mask: 0b1100_0000, tag: 0b0100_0000, branch: false, value: 'inline' },
  { mask: 0b1100_0000, tag: 0b1000_0000, branch: true, value: undefined },
  { mask: 0b1100_0000, tag: 0b1100_0000, branch: true, value: 'inline' },
  { mask: 0b1110_0000, tag: 0b0010_0000, branch: false, value: 'hashed' },
  { mask: 0b1111_0000, tag: 0b0001_0000, branch: true, value: 'hashed' },
] as const

const HASH = 32

/** @returns `undefined` for the empty trie
 *  @throws RangeError for bytes that are no node
 *  @see https://spec.polkadot.network/chap-state#sect-merkl-proof */
export function decodeTrieNode(bytes: Uint8Array): TrieNode | undefined {
  let at = 0
  const byte = (): number => {
    const next = bytes[at]
    if (next === undefined) throw new RangeError('a trie node is cut short')
    at += 1
    return next
  }
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError('a trie node is cut short')
    at += length
    return bytes.subarray(at - length, at)
  }
  const compact = (): number => {
    const first = byte()
    const more = [0, 1, 3][first & 3]
    if (more === undefined) throw new RangeError('a length in a trie node is too large')
    let value = first
    for (let index = 1; index <= more; index += 1) value += byte() * 256 ** index
    return Math.floor(value / 4)
  }

  const first = byte()
  if (first === 0) return undefined
  const kind = kinds.find(({ mask, tag }) => (first & mask) === tag)
  if (kind === undefined) throw new RangeError('a trie node of an unknown kind')
  const most = ~kind.mask & 0xff
  let nibbles = first & most
  if (nibbles === most) {
    let more: number
    do nibbles += more = byte()
    while (more === 255)
  }
  const path: number[] = []
  if (nibbles & 1) path.push(byte() & 15)
  while (path.length < nibbles) {
    const two = byte()
    path.push(two >> 4, two & 15)
  }
  const bitmap = kind.branch ? byte() | (byte() << 8) : 0
  const value =
    kind.value === 'inline' ? { bytes: take(compact()) } : kind.value === 'hashed' ? { hash: take(HASH) } : undefined
  const children = new Map<number, NodeChild>()
  for (let nibble = 0; nibble < 16; nibble += 1) {
    if (((bitmap >> nibble) & 1) === 0) continue
    const reference = take(compact())
    children.set(nibble, reference.length === HASH ? { hash: reference } : { node: reference })
  }
  if (at !== bytes.length) throw new RangeError('a trie node has bytes left over')
  return { path, value, children }
}
