import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Engine } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import type { ForkState } from '../fork/forkState.js'
import { forkSmall } from '../fork/small.js'
import { createStorageCodec, type StorageCodec } from '../fork/storageCodec.js'
import { rulesOf } from '../replay/rules.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import { underOwnRules } from './ownRules.js'

let engine: Engine
let codec: StorageCodec
let fork: ForkState
beforeAll(async () => {
  engine = await openEngine('native')
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
  await arm.close()
  ;({ fork } = forkSmall({ seed: 1, codec, wasm }))
})
afterAll(() => engine.close())

/** The small chain as a state of a spec; `undefined`: it does not tell. */
function stateOf(spec: number | undefined): ForkState {
  const key = codec.key('System', 'LastRuntimeUpgrade')
  const storage = new Map(fork.storage)
  if (spec === undefined) storage.delete(key)
  else storage.set(key, codec.encode('System', 'LastRuntimeUpgrade', { spec_version: spec, spec_name: 'x' }))
  return { ...fork, storage }
}

const noCode = (): Promise<undefined> => Promise.resolve(undefined)

describe('a state on the reference runtime', () => {
  it.each([334, 341, 342, 402, 424])('of spec %d runs by the rules of that spec, and says so', async (spec) => {
    const own = await underOwnRules(stateOf(spec), codec, noCode)
    expect(rulesOf(codec, own.fork.storage)).toBe(spec)
    expect(own.mocks).toHaveLength(1)
    expect(own.mocks[0]).toContain(`by the rules of its spec, ${spec}`)
    expect(own.mocks[0]?.includes('held still')).toBe(spec < 423)
    expect(own.mocks[0]?.includes('subsidised pool is kept')).toBe(spec < 342)
  })

  it('that does not tell is taken for one of the runtime in its code', async () => {
    const own = await underOwnRules(stateOf(undefined), codec, () => Promise.resolve(402))
    expect(rulesOf(codec, own.fork.storage)).toBe(402)
    expect(await underOwnRules(stateOf(undefined), codec, noCode)).toEqual({ fork: stateOf(undefined), mocks: [] })
  })

  it('of spec 425 is left as it is; of a later one too, which is said', async () => {
    expect(await underOwnRules(stateOf(425), codec, noCode)).toEqual({ fork: stateOf(425), mocks: [] })
    const later = await underOwnRules(stateOf(430), codec, noCode)
    expect(later.fork).toEqual(stateOf(430))
    expect(later.mocks[0]).toContain('of spec 430 by the rules of spec 425')
  })

  it('that names its rules keeps them', async () => {
    const state = stateOf(402)
    const storage = new Map(state.storage).set(codec.key('SubtensorModule', 'RulesOfSpec'), '0x68010000')
    expect(await underOwnRules({ ...state, storage }, codec, noCode)).toEqual({
      fork: { ...state, storage },
      mocks: [],
    })
  })

  it.each([218, 333])('of spec %d is refused', async (spec) => {
    await expect(underOwnRules(stateOf(spec), codec, noCode)).rejects.toThrow(/E529/)
  })
})

it('any other runtime has rules of its own', async () => {
  const others = { ...codec, has: (...path: [string, string]) => path[1] !== 'RulesOfSpec' && codec.has(...path) }
  expect(await underOwnRules(stateOf(300), others, noCode)).toEqual({ fork: stateOf(300), mocks: [] })
})
