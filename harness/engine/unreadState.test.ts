import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { codecOf } from '../../test/codecOf.js'
import { remoteOf } from '../../test/remoteOf.js'
import type { Hex, RemoteState } from '../fork/forkState.js'
import { forkSmall } from '../fork/small.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { replayEpochs } from '../replay/replayEpochs.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import type { Engine } from './engine.js'
import { openEngine } from './openEngine.js'

const { wasm } = loadPrebuilt('epochdiff_runtime')
let engine: Engine
let codec: StorageCodec

beforeAll(async () => {
  engine = await openEngine('native')
  codec = await codecOf(engine, wasm)
})

afterAll(() => engine.close())

const smallFork = () => forkSmall({ seed: 1, codec, wasm })

async function epochs(storage: ReadonlyMap<Hex, Hex>, remote?: RemoteState) {
  const { fork, feed } = smallFork()
  const arm = await engine.openArm({ name: 'tested', wasm, storage, remote })
  const plan = { codec, head: fork.header, netuids: [1, 2], epochs: 2, mode: 'jump' as const, feed }
  const seen: unknown[] = []
  for await (const { netuid, block, storageDiff, post } of replayEpochs(arm, plan)) {
    seen.push({ netuid, block, storageDiff, post: [...post].sort() })
  }
  await arm.close()
  return seen
}

it('an arm that reads its state as it needs it does what one does that has it all', async () => {
  const { storage } = smallFork().fork
  const remote = remoteOf(storage)
  expect(await epochs(new Map(), remote)).toEqual(await epochs(storage))
  expect(new Set(remote.asked.map(({ kind }) => kind))).toEqual(new Set(['keys', 'below', 'from']))
  const asked = remote.asked.map((question) => JSON.stringify(question))
  expect(new Set(asked).size).toBe(asked.length)
})

it('what cannot be read fails the call with the source’s own error, and the arm goes on in the state it had', async () => {
  const broken = new Error('no such key in this file')
  let readable = false
  const remote = remoteOf(new Map([['0x02', '0xbb']]))
  const arm = await engine.openArm({
    name: 'tested',
    wasm,
    storage: new Map([['0x01', '0xaa']]),
    remote: { ranges: [], ask: (question) => (readable ? remote.ask(question) : Promise.reject(broken)) },
  })
  await arm.write([['0x03', '0xcc']])
  await expect(arm.read(['0x02'])).rejects.toBe(broken)
  await expect(arm.call('Core_initialize_block', '0x', { commit: true })).rejects.toThrow()
  readable = true
  expect(await arm.read(['0x01', '0x02', '0x03', '0x04'])).toEqual(['0xaa', '0xbb', '0xcc', null])
  await arm.close()
})

it('an end reaches an arm that waits for what it reads; the time it waits is not the call’s', async () => {
  const controller = new AbortController()
  const hasty = await openEngine('native', { signal: controller.signal, timeLimitMs: 1_500 })
  const reads: (() => void)[] = []
  const remote: RemoteState = {
    ranges: [],
    ask: () => new Promise((resolve) => reads.push(() => resolve({ entries: [], absent: ['0x02'], ranges: [] }))),
  }
  const arm = await hasty.openArm({ name: 'waiting', wasm, storage: new Map(), remote })
  const slow = arm.read(['0x02'])
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(reads).toHaveLength(1)
  reads[0]?.()
  expect(await slow).toEqual([null])
  const aborted = arm.read(['0x03'])
  setTimeout(() => controller.abort(new Error('enough')), 50)
  await expect(aborted).rejects.toThrow('enough')
  await hasty.close()
})
