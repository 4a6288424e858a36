import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { openEngine } from '../harness/engine/openEngine.js'
import { blockHash } from '../harness/fork/blockHeader.js'
import type { Hex } from '../harness/fork/forkState.js'
import { createRuntimeCalls } from '../harness/fork/runtimeCalls.js'
import { createStorageCodec } from '../harness/fork/storageCodec.js'
import { CODE_KEY } from '../harness/fork/storageParts.js'
import type { ChainBlock } from '../harness/rehearsal/nodeRpc.js'
import { openBlockReplay } from '../harness/rehearsal/replayBlocks.js'
import { runtimeEvents } from '../harness/patch/runtimeEvents.js'
import { expandRuntime } from '../harness/runtime/runtimeBlob.js'

interface Recording {
  readonly genesis: Readonly<Record<Hex, Hex>>
  readonly blocks: readonly ChainBlock[]
}

/** What `epochdiff rehearse scenarios/small-stake-cap.yaml --traffic --out` left of a network of our node; see the README there. */
const file = new URL('fixtures/rehearsal/blocks.json.gz', import.meta.url)

it('every state root of 200 blocks that a node made is the native engine’s', async () => {
  const { genesis, blocks } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Recording
  const storage = new Map(Object.entries(genesis) as [Hex, Hex][])
  const engine = await openEngine('native')
  try {
    const wasm = expandRuntime(Buffer.from((storage.get(CODE_KEY) ?? '0x').slice(2), 'hex'))
    const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
    const metadata = (await arm.call('Metadata_metadata', '0x')).result
    const codec = createStorageCodec(metadata)
    expect(createRuntimeCalls(metadata).find('SubtensorModule.add_stake')).toBeDefined()
    const replay = await openBlockReplay(engine, storage)
    const events = new Map<string, number>()
    const roots: Hex[] = []
    for (const [index, block] of blocks.entries()) {
      expect(blockHash(block.header)).toBe(block.hash)
      expect(block.header.number).toBe(index + 1)
      if (index > 0) expect(block.header.parentHash).toBe(blocks[index - 1]?.hash)
      await replay.execute(block)
      roots.push(replay.root())
      for (const { name } of runtimeEvents(codec, replay.state.get(codec.key('System', 'Events')) ?? null))
        events.set(name, (events.get(name) ?? 0) + 1)
    }
    expect(blocks.length).toBeGreaterThanOrEqual(200)
    expect(roots).toEqual(blocks.map(({ header }) => header.stateRoot))
    for (const name of ['Balances.Transfer', 'SubtensorModule.StakeAdded', 'SubtensorModule.StakeRemoved'])
      expect([name, (events.get(name) ?? 0) > 10]).toEqual([name, true])
    expect(events.get('SubtensorModule.IncentiveAlphaEmittedToMiners')).toBeGreaterThan(30)
  } finally {
    await engine.close()
  }
})
