import { openEngine } from '../harness/engine/openEngine.js'
import type { BlockHeader } from '../harness/fork/blockHeader.js'
import type { Hex } from '../harness/fork/forkState.js'
import { forkSmall } from '../harness/fork/small.js'
import { createStorageCodec, type StorageCodec } from '../harness/fork/storageCodec.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { proofFor, trieNodes } from './trieNodes.js'
import type { FakeChain } from './fakeNode.js'

/** The built-in fork `small` as a chain that a node could serve, with its true state root and proofs.
 *  @param version state version of its trie */
export async function smallChain(
  version: 0 | 1 = 1,
): Promise<{ chain: FakeChain; codec: StorageCodec; wasm: Uint8Array }> {
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const engine = await openEngine('native')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  const codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
  await engine.close()
  const { fork } = forkSmall({ seed: 1, codec, wasm })
  const trie = trieNodes(fork.storage, version)
  const header: BlockHeader = {
    parentHash: `0x${'12'.repeat(32)}`,
    number: fork.header.number,
    stateRoot: trie.root,
    extrinsicsRoot: `0x${'34'.repeat(32)}`,
    digest: ['0x066175726120e0a5d90f00000000'],
  }
  const genesisHash: Hex = `0x${'ab'.repeat(32)}`
  const chain: FakeChain = { name: 'Small', genesisHash, header, storage: fork.storage, prove: proofFor(trie) }
  return { chain, codec, wasm }
}
