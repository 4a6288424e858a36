import { beforeEach, describe, expect, it } from '@jest/globals'
import { createRequire } from 'node:module'
import type * as UtilCrypto from '@polkadot/util-crypto'
import { KnownState } from '../../../fork/knownState.js'
import { openHost } from '../executor.js'
import { GuestTrap } from '../guestFault.js'
import { packSpan, spanLength, spanOffset } from '../guestMemory.js'
import type { HostContext } from './context.js'
import { cryptoFunctions } from './crypto.js'

// The same copy of the library as under test: it warns of two.
const {
  blake2AsU8a,
  ed25519PairFromSeed,
  ed25519Sign,
  keccakAsU8a,
  secp256k1Expand,
  secp256k1PairFromSeed,
  secp256k1Sign,
  sr25519PairFromSeed,
  sr25519Sign,
} = createRequire(import.meta.url)('@polkadot/util-crypto') as typeof UtilCrypto

const seed = new Uint8Array(32).fill(7)
const message = new TextEncoder().encode('an epoch and its rewards')
const signatureAt = 1_000
const keyAt = 2_000
const messageAt = 3_000

let host: HostContext
let call: (name: string, ...args: (number | bigint)[]) => unknown

function openFor(signatures: 'verify' | 'accept'): void {
  host = openHost(new KnownState(), 2, { memoryLimitBytes: 2 ** 20, signatures, logLevel: 'off' })
  host.cache.begin('dropped')
  host.cache.openHeap()
  const functions = cryptoFunctions(host) as Record<string, (...args: (number | bigint)[]) => unknown>
  call = (name, ...args) => functions[`ext_crypto_${name}`]?.(...args)
}

beforeEach(() => openFor('verify'))

function put(signature: Uint8Array, key: Uint8Array, text: Uint8Array): void {
  host.memory.write(signatureAt, signature)
  host.memory.write(keyAt, key)
  host.memory.write(messageAt, text)
}

const messageSpan = packSpan(messageAt, message.length)

describe('verifying', () => {
  const sr25519 = sr25519PairFromSeed(seed)
  const ed25519 = ed25519PairFromSeed(seed)
  const ecdsa = secp256k1PairFromSeed(seed)

  it.each([
    ['sr25519_verify_version_2', () => sr25519Sign(message, sr25519), sr25519.publicKey, messageSpan],
    ['sr25519_verify_version_1', () => sr25519Sign(message, sr25519), sr25519.publicKey, messageSpan],
    ['ed25519_verify_version_1', () => ed25519Sign(message, ed25519), ed25519.publicKey, messageSpan],
    ['ecdsa_verify_version_2', () => secp256k1Sign(message, ecdsa, 'blake2'), ecdsa.publicKey, messageSpan],
  ] as const)('%s takes the right signature and no other', (name, sign, key, span) => {
    const signature = sign()
    put(signature, key, message)
    expect(call(name, signatureAt, span, keyAt)).toBe(1)
    host.memory.bytes[messageAt] = 0
    expect(call(name, signatureAt, span, keyAt)).toBe(0)
    put(
      signature.map((byte, index) => (index === 5 ? byte ^ 1 : byte)),
      key,
      message,
    )
    expect(call(name, signatureAt, span, keyAt)).toBe(0)
    put(new Uint8Array(65).fill(255), new Uint8Array(33).fill(255), message)
    expect(call(name, signatureAt, span, keyAt)).toBe(0)
    expect([...host.mocked]).toEqual([])
  })

  it('takes a prehashed message', () => {
    const digest = blake2AsU8a(message)
    put(secp256k1Sign(message, ecdsa, 'blake2'), ecdsa.publicKey, digest)
    expect(call('ecdsa_verify_prehashed_version_1', signatureAt, messageAt, keyAt)).toBe(1)
    host.memory.bytes[messageAt] = 0
    expect(call('ecdsa_verify_prehashed_version_1', signatureAt, messageAt, keyAt)).toBe(0)
  })

  it('accepts all when told to, and says which', () => {
    openFor('accept')
    expect(call('sr25519_verify_version_2', signatureAt, messageSpan, keyAt)).toBe(1)
    expect([...host.mocked]).toEqual(['ext_crypto_sr25519_verify_version_2'])
  })

  it('sums up a batch', () => {
    put(ed25519Sign(message, ed25519), ed25519.publicKey, message)
    call('start_batch_verify_version_1')
    expect(() => call('start_batch_verify_version_1')).toThrow(GuestTrap)
    expect(call('ed25519_batch_verify_version_1', signatureAt, messageSpan, keyAt)).toBe(1)
    expect(call('finish_batch_verify_version_1')).toBe(1)
    expect(() => call('finish_batch_verify_version_1')).toThrow(GuestTrap)
    call('start_batch_verify_version_1')
    host.memory.bytes[messageAt] = 0
    call('ed25519_batch_verify_version_1', signatureAt, messageSpan, keyAt)
    host.memory.write(messageAt, message)
    call('ed25519_batch_verify_version_1', signatureAt, messageSpan, keyAt)
    expect(call('finish_batch_verify_version_1')).toBe(0)
  })
})

describe('recovering', () => {
  const pair = secp256k1PairFromSeed(seed)
  const recovered = (name: string): Uint8Array => {
    const span = call(name, signatureAt, messageAt) as bigint
    return host.memory.copyAt(spanOffset(span), spanLength(span))
  }

  beforeEach(() => put(secp256k1Sign(message, pair, 'keccak'), new Uint8Array(0), keccakAsU8a(message)))

  it.each([0, 27])('gives the public key in both forms, for a recovery id from %d on', (from) => {
    const v = signatureAt + 64
    host.memory.bytes[v] = (host.memory.bytes[v] as number) + from
    expect(recovered('secp256k1_ecdsa_recover_version_2')).toEqual(
      Uint8Array.from([0, ...secp256k1Expand(pair.publicKey)]),
    )
    expect(recovered('secp256k1_ecdsa_recover_compressed_version_2')).toEqual(Uint8Array.from([0, ...pair.publicKey]))
  })

  it('tells what is wrong', () => {
    host.memory.bytes[signatureAt + 64] = 5
    expect(recovered('secp256k1_ecdsa_recover_version_2')).toEqual(Uint8Array.of(1, 1))
    host.memory.bytes[signatureAt + 64] = 0
    host.memory.bytes.fill(255, signatureAt, signatureAt + 32)
    expect(recovered('secp256k1_ecdsa_recover_version_2')).toEqual(Uint8Array.of(1, 0))
    host.memory.bytes.fill(0, signatureAt, signatureAt + 64)
    expect(recovered('secp256k1_ecdsa_recover_version_2')).toEqual(Uint8Array.of(1, 2))
  })
})
