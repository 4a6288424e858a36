import { exportMissing, versionNotRaised } from '../errors/runtime.js'
import { ScaleReader } from '../fork/scaleType.js'
import { call, i32Const, i32Store, i32WrapI64, localGet, localSet } from './assembler.js'
import { parseWasm, type WasmModule, writeWasm } from './wasmModule.js'
import { wrapFunction } from './wrapFunction.js'

const sectionName = 'runtime_version'
const i64 = 0x7e

/** A blob that a chain takes for an upgrade of the same blob: the version that nodes read (the section `runtime_version`) and the one that
 *  it answers (`Core_version`) are `specVersion`. What the runtime's code itself takes for its version (the constant System.Version of the
 *  metadata, which signatures cover and which decides whether migrations run) stays.
 *  @param wasm uncompressed runtime
 *  @throws E318 when it has no version section, E302, E317 */
export function raiseSpecVersion(wasm: Uint8Array, specVersion: number): Uint8Array {
  const module = parseWasm(wasm, 'The runtime')
  const section = module.sections.find(({ name }) => name === sectionName)
  if (section === undefined) throw versionNotRaised({ reason: `it has no section ${sectionName}` })
  const nameBytes = 1 + sectionName.length
  const offset = specVersionOffset(section.content.subarray(nameBytes))
  const content = Uint8Array.from(section.content)
  new DataView(content.buffer).setUint32(nameBytes + offset, specVersion, true)
  const sections = module.sections.map((each) => (each === section ? { ...section, content } : each))
  // Core_version returns where its SCALE bytes lie, in the lower half of an i64.
  return wrapFunction(writeWasm(sections), coreVersion, (original) => ({
    locals: [i64],
    code: [
      ...[localGet(0), localGet(1), call(original), localSet(2)],
      ...[localGet(2), i32WrapI64, i32Const(specVersion), i32Store(offset)],
      localGet(2),
    ],
  }))
}

function coreVersion({ functionExports }: WasmModule): number {
  const name = 'Core_version'
  const index = functionExports.get(name)
  if (index === undefined) throw exportMissing({ name })
  return index
}

/** Where the spec version stands in a SCALE RuntimeVersion: after two names and the authoring version. */
function specVersionOffset(version: Uint8Array): number {
  const reader = new ScaleReader(version)
  try {
    for (let name = 0; name < 2; name += 1) reader.take(reader.length())
    reader.take(4)
    const { offset } = reader
    reader.take(4)
    return offset
  } catch (cause) {
    throw versionNotRaised({ reason: `its section ${sectionName} does not read` }, { cause })
  }
}
