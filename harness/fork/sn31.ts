import { z } from 'zod'
import type { Feed } from './feed.js'
import type { ForkState } from './forkState.js'
import { recordingFile } from './recording.js'
import { type Sn31Assumptions, sn31Assumptions } from './sn31Assumptions.js'
import type { Sn31Data } from './sn31Data.js'
import { sn31Feed } from './sn31Feed.js'
import { sn31Source } from './sn31Source.js'
import { sn31Header, sn31State } from './sn31State.js'
import type { StorageCodec } from './storageCodec.js'
import { runtimeVersion } from './storageParts.js'

export const sn31Fork = z.strictObject({
  builtIn: z.literal('sn31').describe('Subnet 31 of mainnet in August 2024, recorded.'),
  ...recordingFile,
  assume: sn31Assumptions,
})

/** The built-in fork of subnet 31: its state one tempo before the first sample's block, and the recorded inputs of each epoch.
 *  @param wasm   the runtime, uncompressed; `codec` reads its metadata
 *  @param epochs steps of the feed, 1 to 100
 *  @throws E202 when the runtime lacks an item that the state needs */
export function forkSn31(from: {
  readonly data: Sn31Data
  readonly assume: Sn31Assumptions
  readonly codec: StorageCodec
  readonly wasm: Uint8Array
  readonly epochs: number
}): { fork: ForkState; feed: Feed } {
  const { data, assume, codec, wasm, epochs } = from
  const feed = sn31Feed(data, assume, codec, epochs)
  const { impl_name, spec_version } = runtimeVersion(codec)
  const source = sn31Source(data, assume, feed, `${impl_name}, spec ${spec_version}`)
  return { fork: { source, header: sn31Header, storage: sn31State(data, assume, codec, wasm) }, feed }
}
