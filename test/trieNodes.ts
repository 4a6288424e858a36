import { blake2AsU8a } from '@polkadot/util-crypto'
import { trieRoot } from '../harness/engine/native/trieRoot.js'
import { decodeTrieNode } from '../harness/fork/proof/trieNode.js'
import type { Hex } from '../harness/fork/forkState.js'

const bytes = (hex: Hex): Uint8Array => Buffer.from(hex.slice(2), 'hex')
const toHex = (value: Uint8Array): Hex => `0x${Buffer.from(value).toString('hex')}`

/** The state root of a storage and every node that was hashed on the way to it: what all possible proofs are made of. */
export function trieNodes(storage: ReadonlyMap<Hex, Hex>, version: 0 | 1): { root: Hex; nodes: Hex[] } {
  const nodes: Hex[] = []
  const hash = (node: Uint8Array): Uint8Array => {
    nodes.push(toHex(node))
    return blake2AsU8a(node, 256)
  }
  const root = trieRoot(
    [...storage].map(([key, value]) => [bytes(key), bytes(value)] as const),
    version,
    hash,
  )
  return { root: toHex(root), nodes }
}

/** Nodes on the ways to keys, as a node's `state_getReadProof` gives them. */
export function proofFor({ root, nodes }: { root: Hex; nodes: readonly Hex[] }): (keys: readonly Hex[]) => Hex[] {
  const byHash = new Map(nodes.map((node) => [toHex(blake2AsU8a(bytes(node), 256)), node]))
  return (keys) => {
    const proof = new Set<Hex>()
    for (const key of keys) {
      const digits = key.slice(2)
      let encoded = byHash.get(root)
      let at = 0
      if (encoded !== undefined) proof.add(encoded)
      while (encoded !== undefined) {
        const node = decodeTrieNode(bytes(encoded))
        const path = node?.path.map((nibble) => nibble.toString(16)).join('') ?? ''
        if (node === undefined || !digits.startsWith(path, at)) break
        at += path.length
        const child = node.children.get(Number.parseInt(digits[at] ?? '', 16))
        at += 1
        if (child === undefined) break
        encoded = 'hash' in child ? byHash.get(toHex(child.hash)) : toHex(child.node)
        if ('hash' in child && encoded !== undefined) proof.add(encoded)
      }
    }
    return [...proof]
  }
}
