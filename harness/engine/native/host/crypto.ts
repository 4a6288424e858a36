import { createRequire } from 'node:module'
import type * as UtilCrypto from '@polkadot/util-crypto'
import { GuestTrap } from '../guestFault.js'
import { blake2b256 } from '../hashes.js'
import { concatBytes } from '../scale.js'
import { returnSpan, type HostContext, type HostFunctions } from './context.js'

const curveOrder = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n
const badRs = 0
const badV = 1
const badSignature = 2

/** Signature checks. Loaded when first used: blocks without extrinsics check none. */
export function cryptoFunctions(host: HostContext): HostFunctions {
  const { memory } = host

  const verified = (name: string, check: () => boolean): number => {
    if (host.signatures === 'verify') return check() ? 1 : 0
    host.mocked.add(name)
    return 1
  }
  const ed25519 = (name: string, signature: number, message: bigint, publicKey: number): number =>
    verified(name, () =>
      utilCrypto().ed25519Verify(memory.copy(message), memory.copyAt(signature, 64), memory.copyAt(publicKey, 32)),
    )
  // Version 1 also takes signatures from before schnorrkel 0.8, which no chain of today holds: here they count as invalid.
  const sr25519 = (name: string, signature: number, message: bigint, publicKey: number): number =>
    verified(name, () => {
      const parts = [memory.copy(message), memory.copyAt(signature, 64), memory.copyAt(publicKey, 32)] as const
      try {
        return utilCrypto().sr25519Verify(...parts)
      } catch {
        return false
      }
    })
  const ecdsa = (name: string, signature: number, digest: () => Uint8Array, publicKey: number): number =>
    verified(name, () => {
      const recovered = recover(memory.copyAt(signature, 65), digest(), 'compressed')
      return typeof recovered !== 'number' && Buffer.compare(recovered, memory.copyAt(publicKey, 33)) === 0
    })
  const batched = (valid: number): number => {
    if (host.batch.valid !== undefined) host.batch.valid &&= valid === 1
    return valid
  }
  const recovered = (signature: number, digest: number, form: 'compressed' | 'plain'): bigint => {
    const key = recover(memory.copyAt(signature, 65), memory.copyAt(digest, 32), form)
    return returnSpan(host, typeof key === 'number' ? Uint8Array.of(1, key) : concatBytes(Uint8Array.of(0), key))
  }

  return {
    ext_crypto_ed25519_verify_version_1: (signature: number, message: bigint, key: number) =>
      ed25519('ext_crypto_ed25519_verify_version_1', signature, message, key),
    ext_crypto_ed25519_batch_verify_version_1: (signature: number, message: bigint, key: number) =>
      batched(ed25519('ext_crypto_ed25519_batch_verify_version_1', signature, message, key)),
    ext_crypto_sr25519_verify_version_1: (signature: number, message: bigint, key: number) =>
      sr25519('ext_crypto_sr25519_verify_version_1', signature, message, key),
    ext_crypto_sr25519_verify_version_2: (signature: number, message: bigint, key: number) =>
      sr25519('ext_crypto_sr25519_verify_version_2', signature, message, key),
    ext_crypto_sr25519_batch_verify_version_1: (signature: number, message: bigint, key: number) =>
      batched(sr25519('ext_crypto_sr25519_batch_verify_version_1', signature, message, key)),
    ext_crypto_ecdsa_verify_version_1: (signature: number, message: bigint, key: number) =>
      ecdsa('ext_crypto_ecdsa_verify_version_1', signature, () => blake2b256(memory.copy(message)), key),
    ext_crypto_ecdsa_verify_version_2: (signature: number, message: bigint, key: number) =>
      ecdsa('ext_crypto_ecdsa_verify_version_2', signature, () => blake2b256(memory.copy(message)), key),
    ext_crypto_ecdsa_verify_prehashed_version_1: (signature: number, digest: number, key: number) =>
      ecdsa('ext_crypto_ecdsa_verify_prehashed_version_1', signature, () => memory.copyAt(digest, 32), key),
    ext_crypto_ecdsa_batch_verify_version_1: (signature: number, message: bigint, key: number) =>
      batched(ecdsa('ext_crypto_ecdsa_batch_verify_version_1', signature, () => blake2b256(memory.copy(message)), key)),
    ext_crypto_secp256k1_ecdsa_recover_version_1: (signature: number, digest: number) =>
      recovered(signature, digest, 'plain'),
    ext_crypto_secp256k1_ecdsa_recover_version_2: (signature: number, digest: number) =>
      recovered(signature, digest, 'plain'),
    ext_crypto_secp256k1_ecdsa_recover_compressed_version_1: (signature: number, digest: number) =>
      recovered(signature, digest, 'compressed'),
    ext_crypto_secp256k1_ecdsa_recover_compressed_version_2: (signature: number, digest: number) =>
      recovered(signature, digest, 'compressed'),
    ext_crypto_start_batch_verify_version_1: () => {
      if (host.batch.valid !== undefined) throw new GuestTrap('it started a batch of signatures within another')
      host.batch.valid = true
      return undefined
    },
    ext_crypto_finish_batch_verify_version_1: () => {
      const { valid } = host.batch
      if (valid === undefined) throw new GuestTrap('it finished a batch of signatures that was not started')
      host.batch.valid = undefined
      return valid ? 1 : 0
    },
  }
}

/** Public key of a recoverable signature, or the number of the host's error. */
function recover(signature: Uint8Array, digest: Uint8Array, form: 'compressed' | 'plain'): Uint8Array | number {
  const v = signature[64] as number
  const recovery = v > 26 ? v - 27 : v
  if (recovery > 3) return badV
  const half = (from: number): bigint => BigInt(`0x${Buffer.from(signature.subarray(from, from + 32)).toString('hex')}`)
  if (half(0) >= curveOrder || half(32) >= curveOrder) return badRs
  try {
    return utilCrypto().secp256k1Recover(digest, signature, recovery, form === 'plain' ? 'keccak' : 'blake2')
  } catch {
    return badSignature
  }
}

let loaded: typeof UtilCrypto | undefined

/** Host functions answer at once, so the library is loaded without waiting. */
function utilCrypto(): typeof UtilCrypto {
  loaded ??= createRequire(import.meta.url)('@polkadot/util-crypto') as typeof UtilCrypto
  return loaded
}
