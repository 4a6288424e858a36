// All that is used of @polkadot's packages, in one place: the build bundles them into this file's JavaScript. Of their some
// 700 files the product needs a part, and each process and each thread of an arm with hooks would open every one of them.
export { Metadata, TypeRegistry } from '@polkadot/types'
export { compactToU8a, u8aConcat } from '@polkadot/util'
export {
  base58Encode,
  blake2AsHex,
  blake2AsU8a,
  decodeAddress,
  ed25519PairFromSeed,
  ed25519Sign,
  encodeAddress,
  keyExtractPath,
  keyFromPath,
  mnemonicToMiniSecret,
  sr25519PairFromSeed,
  xxhashAsU8a,
} from '@polkadot/util-crypto'
