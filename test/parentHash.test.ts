import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Engine } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { Hex } from '../harness/fork/forkState.js'
import { forkSmall } from '../harness/fork/small.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'
import type { RewardEntry } from '../harness/ledger/ledger.js'
import { readEpoch } from '../harness/ledger/readEpoch.js'
import { replayEpochs } from '../harness/replay/replayEpochs.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { codecOf } from './codecOf.js'

// What a run from a chain spec, whose block has a made-up hash, may differ by from one of the same state over RPC.

const { wasm } = loadPrebuilt('epochdiff_runtime')
let engine: Engine
let codec: StorageCodec
beforeAll(async () => {
  engine = await openEngine('native')
  codec = await codecOf(engine, wasm)
})
afterAll(() => engine.close())

/** @param draws coldkeys whose root dividends are claimed in a block; as drawn when left out */
async function entries(hash: Hex, draws?: bigint): Promise<RewardEntry[]> {
  const { fork } = forkSmall({ seed: 1, codec, wasm })
  const storage = new Map(fork.storage)
  const path = ['SubtensorModule', 'NumRootClaim'] as const
  if (draws !== undefined) storage.set(codec.key(...path), codec.encode(...path, draws))
  const arm = await engine.openArm({ name: hash, wasm, storage })
  const plan = { codec, netuids: [1], epochs: 1, mode: 'jump' as const, feed: { steps: [] } }
  const found: RewardEntry[] = []
  for await (const record of replayEpochs(arm, { ...plan, head: { ...fork.header, hash } })) {
    found.push(...readEpoch(codec, record).entries)
  }
  await arm.close()
  return found
}

it('the hash of the forked block decides whose root dividends are claimed, and nothing else', async () => {
  const [one, other] = [`0x${'12'.repeat(32)}`, `0x${'77'.repeat(32)}`] as const
  expect(await entries(one)).not.toEqual(await entries(other))
  expect(await entries(one, 0n)).toEqual(await entries(other, 0n))
})
