import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Engine } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { EpochRecord } from '../harness/replay/epochRecord.js'
import { replayEpochs, type ReplayMode, type ReplayPlan } from '../harness/replay/replayEpochs.js'
import { type Slots, slotsOf } from '../harness/replay/slots.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { olderChain, realRuntime } from './olderLayout.js'

const NETUIDS = [1, 2, 3]
const EPOCHS = 2

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('native')
})
afterAll(() => engine.close())

/** A made-up chain in the layout of a runtime, driven through its epochs, block by block finished. */
async function replay(wasm: Uint8Array, mode: ReplayMode, slots?: Slots, more: Partial<ReplayPlan> = {}) {
  const { codec, storage, head } = await olderChain(engine, wasm, 1)
  const asked = await engine.openArm({ name: 'asked', wasm, storage: new Map() })
  const arm = await engine.openArm({ name: mode, wasm, storage })
  try {
    const known =
      slots ??
      (await slotsOf(
        codec,
        (fn) => asked.call(fn, '0x'),
        (keys) => arm.read(keys),
      ))
    const records: EpochRecord[] = []
    const plan = { codec, head, netuids: NETUIDS, epochs: EPOCHS, mode, feed: { steps: [] } }
    for await (const record of replayEpochs(arm, { ...plan, slots: known, completesBlocks: true, ...more })) {
      records.push(record)
    }
    const read = async (pallet: string, item: string) => {
      const [value = null] = await arm.read([codec.key(pallet, item)])
      return codec.decode(pallet, item, value)
    }
    const { block = 0 } = records.at(-1) ?? {}
    return { records, slots: known, blocks: block - head.number, read }
  } finally {
    await asked.close()
    // `read` needs the arm: the engine closes it.
  }
}

const due = (records: readonly EpochRecord[]) => records.map(({ netuid, epoch, block }) => [netuid, epoch, block])

describe('complete blocks on the reference runtime', () => {
  const slots: Slots = { consensus: 'aura', durationMs: 12_000n, headSlot: 1_000n, babe: undefined }

  it('carry a timestamp of their slot and close in both modes', async () => {
    const { wasm } = loadPrebuilt('epochdiff_runtime')
    for (const mode of ['blocks', 'jump'] as const) {
      const { records, blocks, read } = await replay(wasm, mode, slots)
      expect(records).toHaveLength(NETUIDS.length * EPOCHS)
      expect(await read('Timestamp', 'Now')).toBe((1_000n + BigInt(blocks)) * 12_000n)
      expect(await read('Timestamp', 'DidUpdate')).toBe(false)
    }
  })
})

/** Epochs of the made-up chain by the rule before spec 423: (block + netuid + 1) mod (tempo + 1) = tempo; tempos 20, 24, 30. */
const OLDER_SCHEDULE = [
  [3, 0, 100_001],
  [1, 0, 100_020],
  [2, 0, 100_021],
  [3, 1, 100_032],
  [1, 1, 100_041],
  [2, 1, 100_046],
]

describe.each([
  { spec: 143, consensus: 'aura', durationMs: 12_000n },
  { spec: 218, consensus: 'aura', durationMs: 3_000n },
  { spec: 293, consensus: 'aura', durationMs: 1_000n },
  { spec: 300, consensus: 'babe', durationMs: 1_000n },
])('spec $spec', ({ spec, consensus, durationMs }) => {
  const wasm = realRuntime(spec)
  const itHere = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  itHere.each(['blocks', 'jump'] as const)(`%s: fires its epochs in complete blocks${why}`, async (mode) => {
    if (wasm === undefined) return
    const { records, slots, blocks, read } = await replay(wasm, mode)
    expect(slots).toMatchObject({ consensus, durationMs })
    expect(due(records)).toEqual(OLDER_SCHEDULE)
    expect(await read('Timestamp', 'Now')).toBe(BigInt(blocks) * durationMs)
    // Before dynamic TAO a block more is opened, which pays the last epoch.
    const opened = blocks + (spec === 143 ? 1 : 0)
    expect(await read(consensus === 'babe' ? 'Babe' : 'Aura', 'CurrentSlot')).toBe(BigInt(opened))
    expect(records.every(({ jumps }) => jumps.length === 0)).toBe(mode === 'blocks' || spec === 218)
  })

  itHere(`opens blocks without inherents as well${why}`, async () => {
    if (wasm === undefined) return
    const { records, read } = await replay(wasm, 'jump', undefined, { completesBlocks: false })
    expect(due(records)).toEqual(OLDER_SCHEDULE)
    expect(await read('Timestamp', 'Now')).toBe(0n)
  })
})
