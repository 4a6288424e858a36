import {
  base58Encode,
  blake2AsU8a,
  ed25519PairFromSeed,
  keyExtractPath,
  keyFromPath,
  mnemonicToMiniSecret,
  sr25519PairFromSeed,
} from '../fork/polkadotPackages.js'
import type { Hex } from '../fork/forkState.js'

/** A validator of a rehearsal: the keys that every Substrate node knows by its name (//Alice and so on). They protect nothing. */
export interface ValidatorKeys {
  /** As nodes are named, lower case. */
  readonly name: string
  /** What its keystore holds. */
  readonly secret: string
  /** sr25519: signs blocks. */
  readonly aura: Hex
  /** ed25519: votes. */
  readonly grandpa: Hex
  /** Secret of its network identity, 32 bytes without 0x. */
  readonly nodeKey: string
  readonly peerId: string
}

const NAMES = ['alice', 'bob', 'charlie', 'dave', 'eve', 'ferdie'] as const
export const MOST_VALIDATORS = NAMES.length

/** The phrase of Substrate's development accounts. */
const DEVELOPMENT_PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk'

/** @param count 1 to `MOST_VALIDATORS` */
export function validatorKeys(count: number): ValidatorKeys[] {
  const seed = mnemonicToMiniSecret(DEVELOPMENT_PHRASE)
  return NAMES.slice(0, count).map((name) => {
    const secret = `//${(name[0] ?? '').toUpperCase()}${name.slice(1)}`
    const { path } = keyExtractPath(secret)
    const aura = keyFromPath(sr25519PairFromSeed(seed), path, 'sr25519').publicKey
    const grandpa = keyFromPath(ed25519PairFromSeed(seed), path, 'ed25519').publicKey
    const nodeKey = blake2AsU8a(`epochdiff/rehearsal/node/${name}`, 256)
    return { name, secret, aura: hex(aura), grandpa: hex(grandpa), nodeKey: plain(nodeKey), peerId: peerIdOf(nodeKey) }
  })
}

/** A libp2p identity: the ed25519 public key as an identity multihash. */
function peerIdOf(nodeKey: Uint8Array): string {
  const { publicKey } = ed25519PairFromSeed(nodeKey)
  return base58Encode(Uint8Array.from([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, ...publicKey]))
}

const plain = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const hex = (bytes: Uint8Array): Hex => `0x${plain(bytes)}`
