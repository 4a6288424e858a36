import { afterAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { openEngine } from '../engine/openEngine.js'
import type { Hex } from '../fork/forkState.js'
import { forkSn31 } from '../fork/sn31.js'
import { sn31Assumptions } from '../fork/sn31Assumptions.js'
import { readSn31Data } from '../fork/sn31Data.js'
import { createStorageCodec } from '../fork/storageCodec.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import type { EpochRecord } from './epochRecord.js'
import { replayEpochs, type ReplayMode } from './replayEpochs.js'

const SM = 'SubtensorModule'
const EPOCHS = 3
/** Shorter than the recording's, so that every block of three epochs runs in a test. */
const TEMPO = 12

const scenarios = new URL('../../scenarios/', import.meta.url)
const file = parse(readFileSync(new URL('sn31.fork.yaml', scenarios), 'utf8')) as Record<string, unknown>
const assume = sn31Assumptions.parse(file['assume'])
const data = await readSn31Data(fileURLToPath(new URL(String(file['data']), scenarios)), String(file['sha256']))

const engine = await openEngine('native')
afterAll(() => engine.close())
const { wasm } = loadPrebuilt('epochdiff_runtime')
const metadataArm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
const codec = createStorageCodec((await metadataArm.call('Metadata_metadata', '0x')).result)
const { fork, feed } = forkSn31({ data, assume, codec, wasm, epochs: EPOCHS })

async function replay(mode: ReplayMode): Promise<{ records: EpochRecord[]; storage: [Hex, Hex][] }> {
  const arm = await engine.openArm({ name: mode, wasm, storage: fork.storage })
  try {
    const head = fork.header.number
    await arm.write([
      [codec.key(SM, 'Tempo', 31), codec.encode(SM, 'Tempo', TEMPO)],
      [codec.key(SM, 'LastEpochBlock', 31), codec.encode(SM, 'LastEpochBlock', head)],
    ])
    const steps = feed.steps.map((step, index) => ({ ...step, block: head + TEMPO * (index + 1) }))
    const plan = { codec, head: fork.header, netuids: [31], epochs: EPOCHS, mode, feed: { steps } }
    const records: EpochRecord[] = []
    for await (const record of replayEpochs(arm, plan)) records.push(record)
    return { records, storage: await arm.entries('0x') }
  } finally {
    await arm.close()
  }
}

describe('subnet 31 on the reference runtime', () => {
  it('ends in the same state whether every block runs or skipped ones are credited', async () => {
    const every = await replay('blocks')
    const some = await replay('jump')
    const credited = some.records.flatMap(({ jumps }) => jumps.map(({ skipped }) => skipped))
    expect(credited).toEqual([TEMPO - 2, TEMPO - 2, TEMPO - 2])

    // Whatever differs must have been named.
    const named = some.records.flatMap(({ jumps }) => jumps.flatMap(({ notReplayed }) => notReplayed))
    const ignored = [...new Set(named), 'System.BlockHash'].map((path) => {
      const [pallet = '', item = ''] = path.split('.')
      return codec.prefix(pallet, item)
    })
    const rest = <T>(entries: readonly (readonly [Hex, T])[] = []) =>
      entries.filter(([key]) => !ignored.some((prefix) => key.startsWith(prefix)))
    for (const [index, { block, pre, post, storageDiff, events }] of some.records.entries()) {
      const other = every.records[index]
      expect(block).toBe(other?.block)
      expect(pre).toEqual(other?.pre)
      expect(post).toEqual(other?.post)
      expect(events).toBe(other?.events)
      expect(rest(storageDiff)).toEqual(rest(other?.storageDiff))
      expect(rest(storageDiff).length).toBeGreaterThan(100)
    }
    expect(rest(some.storage)).toEqual(rest(every.storage))
  })
})
