import { blake2AsU8a } from '../polkadotPackages.js'
import type { Hex } from '../forkState.js'
import type { KeyRange } from '../keyRanges.js'
import { decodeTrieNode, type NodeChild, type TrieNode } from './trieNode.js'

/** What a trie says of a key: its value's blake2-256, or that it has none. */
type Proven = { readonly valueHash: string } | 'absent'

/** Nodes that would be needed were not among the proofs. */
export class ProofIncomplete extends Error {
  constructor(
    /** What all keys begin with that lie below the node that is missing. */
    readonly below: Hex,
  ) {
    super(`the proof ends above ${below}`)
  }
}

/** The part of a state's trie that proofs have shown. Nodes are believed by their hash alone, from the root down. */
export interface ProvenState {
  /** Takes nodes of a `state_getReadProof`. */
  add(nodes: readonly Hex[]): void
  /** @throws ProofIncomplete; RangeError for bytes that are no node */
  lookUp(key: Hex): Proven
  /** Every key of the range, ascending, with its value's hash.
   *  @throws ProofIncomplete when a part of the range was not shown */
  keysIn(range: KeyRange<Hex>): [key: Hex, valueHash: string][]
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const hashOf = (bytes: Uint8Array): string => hex(blake2AsU8a(bytes, 256))

/** blake2-256 of a value, as proofs state it. */
export const valueHash = (value: Hex): string => hashOf(Buffer.from(value.slice(2), 'hex'))

export function provenState(stateRoot: Hex): ProvenState {
  const root = stateRoot.slice(2)
  const nodes = new Map<string, Uint8Array>()
  const decoded = new Map<string, TrieNode | undefined>()

  const byHash = (hash: string, above: string): TrieNode | undefined => {
    if (decoded.has(hash)) return decoded.get(hash)
    const bytes = nodes.get(hash)
    // Whole bytes of them.
    if (bytes === undefined) throw new ProofIncomplete(`0x${above.slice(0, above.length & ~1)}`)
    const node = decodeTrieNode(bytes)
    decoded.set(hash, node)
    return node
  }
  const childNode = (child: NodeChild, above: string): TrieNode | undefined =>
    'hash' in child ? byHash(hex(child.hash), above) : decodeTrieNode(child.node)

  const hashOfValue = (node: TrieNode): string | undefined =>
    node.value === undefined ? undefined : 'hash' in node.value ? hex(node.value.hash) : hashOf(node.value.bytes)

  return {
    add(proof) {
      for (const item of proof) {
        const bytes = Buffer.from(item.slice(2), 'hex')
        nodes.set(hashOf(bytes), bytes)
      }
    },
    lookUp(key) {
      // A hexadecimal digit is a nibble.
      const digits = key.slice(2)
      let node = byHash(root, '')
      let at = 0
      while (node !== undefined) {
        for (const nibble of node.path) {
          if (digits[at] !== nibble.toString(16)) return 'absent'
          at += 1
        }
        if (at === digits.length) {
          const hash = hashOfValue(node)
          return hash === undefined ? 'absent' : { valueHash: hash }
        }
        const child = node.children.get(Number.parseInt(digits[at] ?? '', 16))
        at += 1
        node = child === undefined ? undefined : childNode(child, digits.slice(0, at))
      }
      return 'absent'
    },
    keysIn({ from, to }) {
      const found: [Hex, string][] = []
      const [first, end] = [from.slice(2), to?.slice(2)]
      /** Whether keys that begin with the digits can be in the range. */
      const meets = (digits: string): boolean =>
        (end === undefined || digits < end) && (digits >= first || first.startsWith(digits))
      const walk = (node: TrieNode | undefined, above: string): void => {
        if (node === undefined) return
        const digits = above + node.path.map((nibble) => nibble.toString(16)).join('')
        if (!meets(digits)) return
        const hash = hashOfValue(node)
        if (hash !== undefined && digits >= first) found.push([`0x${digits}`, hash])
        for (const [nibble, child] of node.children) {
          const below = digits + nibble.toString(16)
          if (meets(below)) walk(childNode(child, below), below)
        }
      }
      walk(byHash(root, ''), '')
      return found
    },
  }
}
