import { openEngine } from '../harness/engine/openEngine.js'
import type { BlockHeader } from '../harness/fork/blockHeader.js'
import type { Hex } from '../harness/fork/forkState.js'
import { forkSmall } from '../harness/fork/small.js'
import { createStorageCodec, type StorageCodec } from '../harness/fork/storageCodec.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import type { FakeChain } from './fakeNode.js'

/** The built-in fork `small` as a chain that a node could serve. */
export async function smallChain(
  stateRoot: (storage: ReadonlyMap<Hex, Hex>) => Hex = () => `0x${'00'.repeat(32)}`,
): Promise<{ chain: FakeChain; codec: StorageCodec; wasm: Uint8Array }> {
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const engine = await openEngine('native')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  const codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
  await engine.close()
  const { fork } = forkSmall({ seed: 1, codec, wasm })
  const header: BlockHeader = {
    parentHash: `0x${'12'.repeat(32)}`,
    number: fork.header.number,
    stateRoot: stateRoot(fork.storage),
    extrinsicsRoot: `0x${'34'.repeat(32)}`,
    digest: ['0x066175726120e0a5d90f00000000'],
  }
  const genesisHash: Hex = `0x${'ab'.repeat(32)}`
  return { chain: { name: 'Small', genesisHash, header, storage: fork.storage }, codec, wasm }
}
