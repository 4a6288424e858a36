import { blake2b } from '@noble/hashes/blake2.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256, keccak_512 } from '@noble/hashes/sha3.js'
import { twox } from './xxhash64.js'

export type HashFunction = (input: Uint8Array) => Uint8Array

export const blake2b256: HashFunction = (bytes) => blake2b(bytes, { dkLen: 32 })

/** The hash functions of a Substrate host and the length of what they return. */
export const hashes = {
  twox_64: { hash: (bytes) => twox(bytes, 8), bytes: 8 },
  twox_128: { hash: (bytes) => twox(bytes, 16), bytes: 16 },
  twox_256: { hash: (bytes) => twox(bytes, 32), bytes: 32 },
  blake2_128: { hash: (bytes) => blake2b(bytes, { dkLen: 16 }), bytes: 16 },
  blake2_256: { hash: blake2b256, bytes: 32 },
  keccak_256: { hash: keccak_256, bytes: 32 },
  keccak_512: { hash: keccak_512, bytes: 64 },
  sha2_256: { hash: sha256, bytes: 32 },
} as const satisfies Record<string, { readonly hash: HashFunction; readonly bytes: number }>
