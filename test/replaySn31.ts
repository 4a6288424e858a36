import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { EngineArm, StorageDiff } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { Hex } from '../harness/fork/forkState.js'
import { forkSn31 } from '../harness/fork/sn31.js'
import { sn31Assumptions } from '../harness/fork/sn31Assumptions.js'
import { readSn31Data } from '../harness/fork/sn31Data.js'
import { createStorageCodec, type StorageCodec } from '../harness/fork/storageCodec.js'
import type { Ledger } from '../harness/ledger/ledger.js'
import { readEpoch } from '../harness/ledger/readEpoch.js'
import { replayEpochs } from '../harness/replay/replayEpochs.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { loadPrebuilt, type PrebuiltName } from '../harness/runtime/prebuilt.js'
import { weave } from '../harness/runtime/weave.js'

/** One epoch as a test needs it. */
export interface ReplayedEpoch {
  readonly block: number
  /** All of SubtensorModule's storage as the call of the epoch's block found it: feed written, nothing of the block done. */
  readonly before: ReadonlyMap<Hex, Hex>
  readonly ledger: Ledger
  /** All that the epoch's block changed. */
  readonly storageDiff: StorageDiff
}

export interface Sn31Replay {
  readonly codec: StorageCodec
  /** One arm from the fork through its first epochs; without patches the baseline. */
  arm(patches: readonly PolicyPatch[], epochs: number, probe?: boolean): Promise<ReplayedEpoch[]>
  close(): Promise<void>
}

/** Subnet 31 by the public stages and the native engine, without the command line and the orchestrator. */
export async function openSn31Replay(runtime: PrebuiltName = 'epochdiff_runtime'): Promise<Sn31Replay> {
  const forkFile = new URL('../scenarios/sn31.fork.yaml', import.meta.url)
  const written = parse(readFileSync(forkFile, 'utf8')) as Record<string, unknown>
  const assume = sn31Assumptions.parse(written['assume'])
  const dataFile = fileURLToPath(new URL(String(written['data']), forkFile))
  const data = await readSn31Data(dataFile, String(written['sha256']))
  const { wasm } = loadPrebuilt(runtime)
  const engine = await openEngine('native')
  const metadataArm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  const codec = createStorageCodec((await metadataArm.call('Metadata_metadata', '0x')).result)
  await metadataArm.close()
  return {
    codec,
    async arm(patches, epochs, probe = false) {
      const { fork, feed } = forkSn31({ data, assume, codec, wasm, epochs })
      const code = patches.length === 0 ? wasm : weave(wasm, patches, { probe }).wasm
      const arm = await engine.openArm({ name: 'arm', wasm: code, storage: fork.storage })
      const watched = watch(arm, pallet(codec))
      const plan = { codec, head: fork.header, netuids: [31], epochs, mode: 'jump', feed } as const
      const replayed: ReplayedEpoch[] = []
      for await (const record of replayEpochs(watched.arm, plan)) {
        replayed.push({
          block: record.block,
          before: watched.before(),
          ledger: readEpoch(codec, record),
          storageDiff: record.storageDiff,
        })
      }
      await arm.close()
      return replayed
    },
    close: () => engine.close(),
  }
}

/** `0x` and the hash of the pallet's name. */
const pallet = (codec: StorageCodec) => codec.prefix('SubtensorModule', 'Tempo').slice(0, 34) as Hex

/** The arm, and what it held below a prefix before its last call. */
function watch(arm: EngineArm, prefix: Hex): { arm: EngineArm; before: () => ReadonlyMap<Hex, Hex> } {
  let before: ReadonlyMap<Hex, Hex> = new Map()
  return {
    arm: {
      call: async (...args) => {
        before = new Map(await arm.entries(prefix))
        return arm.call(...args)
      },
      write: (diff) => arm.write(diff),
      read: (keys) => arm.read(keys),
      entries: (below) => arm.entries(below),
      close: () => arm.close(),
    },
    before: () => before,
  }
}
