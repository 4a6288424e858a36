import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Engine, EngineArm } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import type { Hex } from '../fork/forkState.js'
import { createStorageCodec, type StorageCodec } from '../fork/storageCodec.js'
import { forkSmall } from '../fork/small.js'
import { encodeHeader } from '../replay/header.js'
import { blobVersion } from './blobVersion.js'
import { migratingRuntime, panickingRuntime } from './faultyRuntime.js'
import { loadPrebuilt } from './prebuilt.js'
import { raiseSpecVersion } from './raiseSpecVersion.js'
import { specVersionOf } from './specVersion.js'
import { isValidWasm, parseWasm } from './wasmModule.js'

const { wasm } = loadPrebuilt('epochdiff_runtime')
const marker = Buffer.from(':marker')
const key = Buffer.from('a key of an odd length')
const value = Buffer.from([1, 2, 3])
const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

let engine: Engine
let codec: StorageCodec
let header: Hex
let next: Hex
beforeAll(async () => {
  engine = await openEngine('native')
  const arm = await open(wasm)
  codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
})
afterAll(() => engine.close())

const open = (code: Uint8Array): Promise<EngineArm> =>
  engine.openArm({ name: 'edited', wasm: code, storage: new Map() })

async function onFork(code: Uint8Array): Promise<EngineArm> {
  const { fork } = forkSmall({ seed: 1, codec, wasm })
  const { number, hash } = fork.header
  header = encodeHeader({ number: number + 1, parentHash: hash })
  next = encodeHeader({ number: number + 2, parentHash: hash })
  return engine.openArm({ name: 'edited', wasm: code, storage: fork.storage })
}

it('a raised spec version is what the blob says and what it answers, and nothing else changes', async () => {
  const raised = raiseSpecVersion(wasm, 70_000)
  expect(isValidWasm(raised)).toBe(true)
  expect(blobVersion(parseWasm(raised, 'it'))).toEqual({
    ...blobVersion(parseWasm(wasm, 'it')),
    specVersion: 70_000,
  })
  const [before, after] = [await onFork(wasm), await onFork(raised)]
  const versions = [await before.call('Core_version', '0x'), await after.call('Core_version', '0x')].map(({ result }) =>
    specVersionOf(result),
  )
  expect(versions[1]).toEqual({ ...versions[0], specVersion: 70_000 })
  const blocks = [await before.call('Core_initialize_block', header), await after.call('Core_initialize_block', header)]
  expect(blocks[1]).toEqual(blocks[0])
})

it('a panicking runtime answers what needs no block, and opens none', async () => {
  const arm = await onFork(panickingRuntime(wasm))
  await expect(arm.call('Core_version', '0x')).resolves.toBeDefined()
  await expect(arm.call('Core_initialize_block', header)).rejects.toMatchObject({ code: 'E401' })
})

it('a migrating runtime takes its time and writes once, then does what the original does', async () => {
  const slow = { marker, turns: 400_000_000n, writes: { key, value } }
  const [before, after] = [await onFork(wasm), await onFork(migratingRuntime(wasm, slow))]
  const startedAt = performance.now()
  const first = await after.call('Core_initialize_block', header, { commit: true })
  const tookMs = performance.now() - startedAt
  const own = await before.call('Core_initialize_block', header, { commit: true })
  const wrote = [
    [hex(marker), hex(marker)],
    [hex(key), hex(value)],
  ]
  expect(first.storageDiff.filter(([each]) => [hex(marker), hex(key)].includes(each))).toEqual(wrote)
  expect(first.storageDiff.filter(([each]) => ![hex(marker), hex(key)].includes(each))).toEqual(own.storageDiff)
  expect(tookMs).toBeGreaterThan(40)
  const again = await after.call('Core_initialize_block', next)
  expect(again.storageDiff).toEqual((await before.call('Core_initialize_block', next)).storageDiff)
})
