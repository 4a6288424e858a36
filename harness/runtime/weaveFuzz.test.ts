import { describe, expect, it } from '@jest/globals'
import { assemble, runtimeText } from '../../test/wasmHost.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { checkPolicyParams, policyDefinitions } from './policies.js'
import { loadPrebuilt } from './prebuilt.js'
import { compressRuntime, expandRuntime } from './runtimeBlob.js'
import { isValidWasm, parseWasm, writeWasm, type WasmSection } from './wasmModule.js'
import { weave } from './weave.js'

// Damaged blobs: each is refused with a numbered error, or gives a valid blob, and none takes long.

/** Of the two that move rao between the pools, which exclude each other (E321), the one that also acts inside them. */
const every = policyDefinitions
  .map(({ name }) => checkPolicyParams(name, {}))
  .filter(({ policy }) => policy !== 'role-split')
const small = assemble(runtimeText())
const patchModule = loadPrebuilt('patch_module').wasm

/** Linear congruential generator: the same mutations every time. */
function randomNumbers(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

type Mutation = (bytes: Uint8Array, random: (below: number) => number) => Uint8Array

const flipBits: Mutation = (bytes, random) => {
  const mutated = Uint8Array.from(bytes)
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const at = random(mutated.length)
    mutated[at] = (mutated[at] ?? 0) ^ (1 << random(8))
  }
  return mutated
}

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random(bytes.length))

const spliceBytes: Mutation = (bytes, random) => {
  const at = random(bytes.length)
  const added = Array.from({ length: random(6) }, () => random(256))
  return Uint8Array.from([...bytes.subarray(0, at), ...added, ...bytes.subarray(at + random(6))])
}

/** Whole sections dropped, doubled, swapped, emptied, renumbered, or with a byte of their content changed. */
const editSections: Mutation = (bytes, random) => {
  const sections = [...parseWasm(bytes, 'runtime').sections]
  const at = random(sections.length)
  const section = sections[at]
  const other = random(sections.length)
  const swapped = sections[other]
  if (section === undefined || swapped === undefined) return bytes
  const replace = (...by: WasmSection[]) => sections.splice(at, 1, ...by)
  switch (random(6)) {
    case 0:
      replace()
      break
    case 1:
      replace(section, section)
      break
    case 2:
      replace(swapped)
      sections[other] = section
      break
    case 3:
      replace({ ...section, content: section.content.subarray(0, random(section.content.length)) })
      break
    case 4:
      replace({ ...section, id: random(14) })
      break
    default:
      replace({
        ...section,
        content: flipBits(section.content.length === 0 ? Uint8Array.of(0) : section.content, random),
      })
  }
  return writeWasm(sections)
}

const mutations = { flipBits, truncate, spliceBytes, editSections }

/** How many were refused. */
function tryAll(count: number, attempt: (seed: number) => Uint8Array, limitMs: number): number {
  let refused = 0
  for (let seed = 0; seed < count; seed += 1) {
    const startedAt = performance.now()
    try {
      expect(isValidWasm(attempt(seed))).toBe(true)
    } catch (error) {
      if (!(error instanceof EpochdiffError)) throw error
      refused += 1
    }
    expect(performance.now() - startedAt).toBeLessThan(limitMs)
  }
  return refused
}

describe.each(Object.entries(mutations))('%s', (_, mutate) => {
  it('of 400 small runtimes', () => {
    const refused = tryAll(
      400,
      (seed) => weave(mutate(small, randomNumbers(seed)), every, { patchModule }).wasm,
      10_000,
    )
    expect(refused).toBeGreaterThan(100)
    // Bits of names and constants can change without harm; a runtime that is cut off cannot be whole.
    if (mutate !== truncate) expect(refused).toBeLessThan(400)
  })

  it('of 20 reference runtimes', () => {
    const { wasm } = loadPrebuilt('epochdiff_runtime')
    const attempt = (seed: number) => weave(mutate(wasm, randomNumbers(seed)), every, { patchModule }).wasm
    expect(tryAll(20, attempt, 60_000)).toBeLessThanOrEqual(20)
  }, 240_000)
})

it('of 300 patch modules', () => {
  const refused = tryAll(
    300,
    (seed) => weave(small, every, { patchModule: spliceBytes(patchModule, randomNumbers(seed)) }).wasm,
    10_000,
  )
  expect(refused).toBeGreaterThan(100)
  expect(refused).toBeLessThan(300)
})

it('of 120 compressed runtimes', async () => {
  const compressed = await compressRuntime(small)
  const damage = [flipBits, truncate, spliceBytes]
  const attempt = (seed: number) => {
    const mutated = damage[seed % damage.length]?.(compressed, randomNumbers(seed)) ?? compressed
    return weave(expandRuntime(mutated), every, { patchModule }).wasm
  }
  expect(tryAll(120, attempt, 10_000)).toBeGreaterThan(60)
})
