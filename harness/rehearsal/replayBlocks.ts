import type { Engine, EngineArm, StorageDiff } from '../engine/engine.js'
import { openStateTrie } from '../engine/native/stateTrie.js'
import type { StateVersion } from '../engine/native/trieRoot.js'
import { runtimeTrapped } from '../errors/engine.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { nodesDisagree } from '../errors/rehearsal.js'
import type { BlockHeader } from '../fork/blockHeader.js'
import type { Hex } from '../fork/forkState.js'
import { ScaleReader } from '../fork/scaleType.js'
import { createStorageCodec, type StorageCodec } from '../fork/storageCodec.js'
import { CODE_KEY } from '../fork/storageParts.js'
import { encodeHeader } from '../replay/header.js'
import { expandRuntime } from '../runtime/runtimeBlob.js'
import { specVersionOf } from '../runtime/specVersion.js'
import type { ChainBlock } from './nodeRpc.js'

/** What the native engine makes of a chain's blocks, one after the other. */
export interface BlockReplay {
  /** The state after the last block. */
  readonly state: ReadonlyMap<Hex, Hex>
  /** Root of the state. */
  root(): Hex
  /** Executes the next block: opens it, applies its extrinsics, closes it; a runtime that a block sets runs from the next one on.
   *  @returns its runtime, and what it changed against the state before it
   *  @throws E401 when the runtime fails, E808 when the extrinsics root or the digest is not the header's */
  execute(block: ChainBlock): Promise<ExecutedBlock>
  /** Tries to open a block, and leaves the state as it is.
   *  @returns why it cannot be opened; `undefined` if it can */
  whyNotOpened(header: BlockHeader): Promise<string | undefined>
  close(): Promise<void>
}

export interface ExecutedBlock {
  readonly codec: StorageCodec
  readonly specVersion: number
  readonly changes: StorageDiff
  /** What stood before under the keys that it changed; `null` for nothing. */
  readonly replaced: StorageDiff
}

interface Runtime extends Pick<ExecutedBlock, 'codec' | 'specVersion'> {
  readonly arm: EngineArm
  readonly stateVersion: StateVersion
}

/** @param genesis the whole state, `:code` included */
export async function openBlockReplay(engine: Engine, genesis: ReadonlyMap<Hex, Hex>): Promise<BlockReplay> {
  const trie = openStateTrie(genesis)
  const start = async (): Promise<Runtime> => {
    const code = trie.entries.get(CODE_KEY) ?? '0x'
    const wasm = expandRuntime(Buffer.from(code.slice(2), 'hex'))
    const arm = await engine.openArm({ name: 'rehearsal', wasm, storage: new Map(trie.entries) })
    const version = (await arm.call('Core_version', '0x')).result
    const codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
    return { arm, codec, specVersion: specVersionOf(version).specVersion, stateVersion: stateVersionOf(version) }
  }
  let runtime = await start()
  // A block's root is by the version of the runtime that made it.
  let { stateVersion } = runtime

  return {
    state: trie.entries,
    root: () => trie.root(stateVersion),
    async execute({ header, extrinsics }) {
      const { arm, codec, specVersion } = runtime
      stateVersion = runtime.stateVersion
      const { number } = header
      const changes = new Map<Hex, Hex | null>()
      const call = async (fn: string, args: Hex): Promise<Hex> => {
        const { result, storageDiff } = await arm.call(fn, args, { commit: true })
        for (const [key, value] of storageDiff) changes.set(key, value)
        return result
      }
      await call('Core_initialize_block', openingHeader(header))
      for (const extrinsic of extrinsics) {
        const result = await call('BlockBuilder_apply_extrinsic', extrinsic)
        // ApplyExtrinsicResult: whatever was dispatched begins with Ok; the rest would not be in a block.
        if (!result.startsWith('0x00')) {
          throw nodesDisagree({
            block: number,
            key: `extrinsic ${extrinsic.slice(0, 40)}`,
            node: 'it applied',
            engine: result,
          })
        }
      }
      const closed = closedHeader(await call('BlockBuilder_finalize_block', '0x'))
      const unsealed = header.digest.filter((item) => !item.startsWith(SEAL))
      for (const [key, node, engine] of [
        ['the extrinsics root', header.extrinsicsRoot, closed.extrinsicsRoot],
        ['the digest', digestOf(unsealed), closed.digest],
      ] as const) {
        if (node !== engine) throw nodesDisagree({ block: number, key, node, engine })
      }
      const diff = [...changes]
      const replaced = diff.map(([key]): StorageDiff[number] => [key, trie.entries.get(key) ?? null])
      trie.apply(diff)
      if (changes.has(CODE_KEY)) {
        await arm.close()
        runtime = await start()
      }
      return { codec, specVersion, changes: diff, replaced }
    },
    async whyNotOpened(header) {
      try {
        await runtime.arm.call('Core_initialize_block', openingHeader(header))
        return undefined
      } catch (error) {
        if (error instanceof EpochdiffError && error.code === runtimeTrapped.code) return error.short
        throw error
      }
    },
    close: () => runtime.arm.close(),
  }
}

const PRE_RUNTIME = '0x06'
const SEAL = '0x05'

/** As whoever builds a block opens it: with what is known before it runs. */
function openingHeader({ number, parentHash, digest }: BlockHeader): Hex {
  return encodeHeader({ number, parentHash, digest: digestOf(digest.filter((item) => item.startsWith(PRE_RUNTIME))) })
}

/** SCALE list of digest items; a block has fewer than 64. */
function digestOf(items: readonly Hex[]): Hex {
  return `0x${(items.length << 2).toString(16).padStart(2, '0')}${items.map((item) => item.slice(2)).join('')}`
}

/** What a runtime says of the block that it closed: extrinsics root and digest, which end the header. */
function closedHeader(header: Hex): { extrinsicsRoot: Hex; digest: Hex } {
  const reader = new ScaleReader(Buffer.from(header.slice(2), 'hex'))
  reader.take(32)
  reader.compact()
  reader.take(32)
  const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`
  return { extrinsicsRoot: hex(reader.take(32)), digest: hex(reader.bytes.subarray(reader.offset)) }
}

/** The last byte of a RuntimeVersion: 0 the first layout of the trie, 1 and above the one that hashes long values. */
function stateVersionOf(coreVersion: Hex): StateVersion {
  return coreVersion.endsWith('00') ? 0 : 1
}
