import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Hex } from '../../fork/forkState.js'
import { loadPrebuilt } from '../../runtime/prebuilt.js'
import type { Engine } from '../engine.js'
import { openEngine } from '../openEngine.js'
import { twox } from './xxhash64.js'

// The reference runtime, run by the engine, on states recorded before and after a block of the real pallets.

interface Vector {
  readonly call: string
  readonly header: string
  readonly pre: Readonly<Record<string, string>>
  readonly post: Readonly<Record<string, string>>
}

const folder = new URL('../../../runtime-patches/runtime/tests/vectors/', import.meta.url)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json.gz'))
  .map((file) => file.slice(0, -'.json.gz'.length))

const readVector = (name: string): Vector =>
  JSON.parse(gunzipSync(readFileSync(new URL(`${name}.json.gz`, folder))).toString()) as Vector

const hash = (text: string): string => Buffer.from(twox(new TextEncoder().encode(text), 16)).toString('hex')

/** Not on the reward path, and free to differ (the README of the vectors says so). */
function isIncidental(key: string): boolean {
  const [system, account] = [hash('System'), hash('Account')]
  return (
    (key.startsWith(system) && !key.startsWith(system + account)) ||
    key.startsWith(hash('Aura') + hash('CurrentSlot')) ||
    key.startsWith(hash('SubtensorModule') + hash('Burn'))
  )
}

const digits = (hex: Hex): string => hex.slice(2)
const hex = (text: string): Hex => `0x${text}`

let engine: Engine
let wasm: Uint8Array

beforeAll(async () => {
  engine = await openEngine('native')
  ;({ wasm } = loadPrebuilt('epochdiff_runtime'))
})

afterAll(() => engine.close())

it('tells its version and its metadata', async () => {
  const arm = await engine.openArm({ name: 'reference', wasm, storage: new Map() })
  const { result: version } = await arm.call('Core_version', '0x')
  const name = Buffer.from(digits(version), 'hex')
  expect(name.subarray(1, 1 + (name[0] as number) / 4).toString()).toMatch(/^[a-z-]+$/)
  const { result: metadata } = await arm.call('Metadata_metadata', '0x')
  expect(metadata.slice(0, 30)).toContain(Buffer.from('meta').toString('hex'))
})

describe('a recorded block', () => {
  it('was found', () => {
    expect(names.length).toBeGreaterThan(10)
  })

  it.each(names)('%s ends in the recorded state', async (name) => {
    const { call, header, pre, post } = readVector(name)
    const storage = new Map(Object.entries(pre).map(([key, value]) => [hex(key), hex(value)]))
    const arm = await engine.openArm({ name, wasm, storage })
    const { storageDiff, mockedHostFunctions } = await arm.call(call, hex(header), { commit: true })
    expect(mockedHostFunctions).toEqual([])

    const after = new Map((await arm.entries('0x')).map(([key, value]) => [digits(key), digits(value)]))
    const keys = new Set([...after.keys(), ...Object.keys(post)])
    const differing = [...keys].filter((key) => after.get(key) !== post[key] && !isIncidental(key))
    expect(differing).toEqual([])

    // The diff is exactly what separates the two states, in the order of the keys.
    const changed = [...new Set([...after.keys(), ...Object.keys(pre)])].filter((key) => after.get(key) !== pre[key])
    expect(storageDiff.map(([key]) => digits(key))).toEqual(changed.sort())
    expect(
      storageDiff.every(([key, value]) => (value === null ? undefined : digits(value)) === after.get(digits(key))),
    ).toBe(true)
    await arm.close()
  })
})

describe('a recorded state with random changes', () => {
  interface Mutation {
    readonly vector: string
    readonly edits: Readonly<Record<string, string | null>>
    /** Of what the same code wrote natively: runtime-patches/runtime/tests/recorded/mutated.rs */
    readonly writes: string
  }
  const file = new URL('../mutations.json.gz', folder)
  const mutations = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Mutation[]

  it.each(mutations.map((mutation, index) => ({ index, ...mutation })))(
    '$index of $vector: the wasm writes what native code does',
    async ({ vector, edits, writes }) => {
      const { call, header, pre } = readVector(vector)
      const storage = new Map(Object.entries(pre).map(([key, value]) => [hex(key), hex(value)]))
      for (const [key, value] of Object.entries(edits)) {
        if (value === null) storage.delete(key as Hex)
        else storage.set(key as Hex, value as Hex)
      }
      const arm = await engine.openArm({ name: vector, wasm, storage })
      const { storageDiff } = await arm.call(call, hex(header))
      const lines = storageDiff.map(([key, value]) => `${key} ${value ?? 'null'}\n`).join('')
      expect(`0x${createHash('sha256').update(lines).digest('hex')}`).toBe(writes)
      await arm.close()
    },
  )
})

it('comes to the same diff every time, and in every arm', async () => {
  const { call, header, pre } = readVector('b_64uids_rich')
  const storage = new Map(Object.entries(pre).map(([key, value]) => [hex(key), hex(value)]))
  const arms = await Promise.all(['a', 'b'].map((name) => engine.openArm({ name, wasm, storage })))
  const diffs = await Promise.all(
    arms.flatMap((arm) => [1, 2].map(async () => (await arm.call(call, hex(header))).storageDiff)),
  )
  expect(diffs[0]).not.toEqual([])
  for (const diff of diffs) expect(diff).toEqual(diffs[0])
})
