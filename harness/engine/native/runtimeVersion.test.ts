import { expect, it } from '@jest/globals'
import { loadPrebuilt } from '../../runtime/prebuilt.js'
import { openEngine } from '../openEngine.js'
import { embeddedRuntimeVersion } from './runtimeVersion.js'
import { ScaleReader } from './scale.js'

const plain = (): Uint8Array => {
  throw new Error('It is not compressed.')
}

/** The fields of a `RuntimeVersion`. The linker orders the list of APIs, so its order says nothing. */
function fieldsOf(version: Uint8Array) {
  const reader = new ScaleReader(version)
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  const names = [hex(reader.byteVector()), hex(reader.byteVector())]
  const versions = hex(reader.take(12))
  const apis = Array.from({ length: reader.compact() }, () => hex(reader.take(12))).sort()
  return { names, versions, apis, rest: hex(reader.rest()) }
}

it('is what the runtime itself says', async () => {
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const engine = await openEngine('native')
  const arm = await engine.openArm({ name: 'reference', wasm, storage: new Map() })
  const { result } = await arm.call('Core_version', '0x')
  await engine.close()
  const embedded = embeddedRuntimeVersion(wasm, plain) ?? new Uint8Array(0)
  const said = fieldsOf(Buffer.from(result.slice(2), 'hex'))
  expect(said.apis.length).toBeGreaterThan(3)
  expect(fieldsOf(embedded)).toEqual(said)
})

it('of a compressed runtime is that of what it unfolds to', () => {
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const compressed = Uint8Array.of(0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05, 1, 2, 3)
  const version = embeddedRuntimeVersion(compressed, (bytes) => {
    expect([...bytes]).toEqual([1, 2, 3])
    return wasm
  })
  expect(version).toEqual(embeddedRuntimeVersion(wasm, plain))
})

it('is nothing for a module that is no runtime', () => {
  expect(embeddedRuntimeVersion(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), plain)).toBeUndefined()
  expect(() => embeddedRuntimeVersion(new Uint8Array(3), plain)).toThrow()
})
