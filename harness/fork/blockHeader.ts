import { blake2AsHex, compactToU8a, u8aConcat } from './polkadotPackages.js'
import type { Hex } from './forkState.js'

/** A block's header as a chain made it. */
export interface BlockHeader {
  readonly parentHash: Hex
  readonly number: number
  readonly stateRoot: Hex
  readonly extrinsicsRoot: Hex
  /** SCALE digest items, in order. */
  readonly digest: readonly Hex[]
}

/** blake2-256 of the header's SCALE bytes: the block's hash. */
export function blockHash({ parentHash, number, stateRoot, extrinsicsRoot, digest }: BlockHeader): Hex {
  const bytes = (hex: Hex): Uint8Array => Buffer.from(hex.slice(2), 'hex')
  return blake2AsHex(
    u8aConcat(
      bytes(parentHash),
      compactToU8a(number),
      bytes(stateRoot),
      bytes(extrinsicsRoot),
      compactToU8a(digest.length),
      ...digest.map(bytes),
    ),
    256,
  )
}
