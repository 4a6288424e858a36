import { keccak_256 } from '@noble/hashes/sha3.js'
import { GuestTrap } from '../guestFault.js'
import { blake2b256, hashes, type HashFunction } from '../hashes.js'
import { ScaleReader } from '../scale.js'
import { cachedHashes, type CacheSource } from '../storageCache.js'
import { orderedTrieRoot, trieRoot, type StateVersion } from '../trieRoot.js'
import { returnPointer, type HostContext, type HostFunctions } from './context.js'

export function hashingFunctions(host: HostContext): HostFunctions {
  return Object.fromEntries(
    Object.entries(hashes).map(([name, { hash }]) => [
      `ext_hashing_${name}_version_1`,
      (data: bigint) => returnPointer(host, hash(host.memory.copy(data))),
    ]),
  )
}

/** The hash functions that are called most, for what the cache does not know. */
export function hashSource(host: HostContext): Pick<CacheSource, 'hash'> {
  return {
    hash: (kind, entry, data) => {
      const { hash } = hashes[cachedHashes[kind - 1] as (typeof cachedHashes)[number]]
      const bytes = hash(host.memory.copy(data))
      const offset = returnPointer(host, bytes)
      host.cache.learnHash(entry, offset, bytes.length)
      return offset
    },
  }
}

/** Roots of tries that a runtime passes whole, such as a block's extrinsics. */
export function trieFunctions(host: HostContext): HostFunctions {
  const { memory } = host
  const pairs = (input: bigint): [Uint8Array, Uint8Array][] => {
    const reader = new ScaleReader(memory.copy(input))
    const count = reader.compact()
    const read: [Uint8Array, Uint8Array][] = []
    for (let index = 0; index < count; index += 1) read.push([reader.byteVector(), reader.byteVector()])
    return read
  }
  const list = (input: bigint): Uint8Array[] => {
    const reader = new ScaleReader(memory.copy(input))
    const count = reader.compact()
    const read: Uint8Array[] = []
    for (let index = 0; index < count; index += 1) read.push(reader.byteVector())
    return read
  }
  const family = (name: string, hash: HashFunction): HostFunctions => ({
    [`ext_trie_${name}_root_version_1`]: (input: bigint) => returnPointer(host, trieRoot(pairs(input), 0, hash)),
    [`ext_trie_${name}_root_version_2`]: (input: bigint, version: number) =>
      returnPointer(host, trieRoot(pairs(input), stateVersion(version), hash)),
    [`ext_trie_${name}_ordered_root_version_1`]: (input: bigint) =>
      returnPointer(host, orderedTrieRoot(list(input), 0, hash)),
    [`ext_trie_${name}_ordered_root_version_2`]: (input: bigint, version: number) =>
      returnPointer(host, orderedTrieRoot(list(input), stateVersion(version), hash)),
  })
  return { ...family('blake2_256', blake2b256), ...family('keccak_256', keccak_256) }
}

function stateVersion(version: number): StateVersion {
  if (version !== 0 && version !== 1) throw new GuestTrap(`it asked for state version ${version}, which is unknown`)
  return version
}
