import { describe, expect, it } from '@jest/globals'
import { checkPolicyParams, policyDefinition, policyDefinitions } from './policies.js'
import type { PolicyPatch } from './policy.js'
import { loadPrebuilt, type PrebuiltName } from './prebuilt.js'
import { concatBytes, encodeVector, withLength } from './wasmBytes.js'
import { sectionIds, parseWasm, writeWasm } from './wasmModule.js'
import { weave } from './weave.js'

/** Of the two that move rao between the pools, which exclude each other (E321), the one that also acts inside them. */
const every = policyDefinitions
  .map(({ name }) => checkPolicyParams(name, {}))
  .filter(({ policy }) => policy !== 'role-split')
const atRewards = every.filter(({ policy }) => policyDefinition(policy).hook === 'epoch_rewards')

const [nop, end] = [0x01, 0x0b]

/** Without any section that is not needed to run. */
function stripped(wasm: Uint8Array): Uint8Array {
  return writeWasm(parseWasm(wasm, 'runtime').sections.filter(({ id }) => id !== sectionIds.custom))
}

describe.each<readonly [PrebuiltName, readonly PolicyPatch[]]>([
  ['epochdiff_runtime', every],
  ['epochdiff_runtime_terms', atRewards],
])('%s without names', (name, patches) => {
  const { wasm } = loadPrebuilt(name)

  it('takes policies at the same functions, with the same code', () => {
    const [named, unnamed] = [weave(wasm, patches), weave(stripped(wasm), patches)]
    const places = ({ manifest }: typeof named) =>
      manifest.patches.map(({ layout, functionIndex, originalIndex, callers }) => ({
        layout,
        functionIndex,
        originalIndex,
        callers: callers.map(({ sites }) => sites),
      }))
    expect(places(unnamed)).toEqual(places(named))
    const code = (woven: Uint8Array) => parseWasm(woven, 'woven').bodies.map(({ content }) => Buffer.from(content))
    expect(code(unnamed.wasm)).toEqual(code(named.wasm))
  })

  it('is refused when the function at a hook is not exactly one that is known', () => {
    const { sections, bodies, functionImports } = parseWasm(wasm, 'runtime')
    const { functionIndex } = weave(wasm, patches).manifest.patches.at(-1) ?? { functionIndex: -1 }
    // A function that does the same by one instruction more.
    const code = encodeVector(
      bodies.map(({ entry, content }, position) =>
        position === functionIndex - functionImports.length
          ? withLength(concatBytes([content.subarray(0, -1), Uint8Array.of(nop, end)]))
          : entry,
      ),
    )
    const other = writeWasm(
      sections
        .filter(({ id }) => id !== sectionIds.custom)
        .map((section) => (section.id === sectionIds.code ? { ...section, content: code } : section)),
    )
    expect(() => weave(other, patches)).toThrow(/E301|E302|E305/)
  })
})

it('refuses a hook whose function has the instructions of others', () => {
  const { wasm } = loadPrebuilt('epochdiff_runtime_terms')
  // There it only calls another one, as several functions do.
  expect(() => weave(stripped(wasm), every)).toThrow(/E303.*inplace_normalize_64/)
})
