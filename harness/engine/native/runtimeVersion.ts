import { concatBytes, encodeCompact, ScaleReader } from './scale.js'
import { wasm } from './webassembly.js'

const compressedMark = Uint8Array.of(0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05)
const apiBytes = 12

/** The SCALE `RuntimeVersion` that a blob carries in its custom sections `runtime_version` and `runtime_apis`; `undefined` if it has none.
 *  @throws Error when the blob is no wasm module */
export function embeddedRuntimeVersion(
  blob: Uint8Array,
  decompress: (bytes: Uint8Array) => Uint8Array,
): Uint8Array | undefined {
  const compressed = compressedMark.every((byte, index) => blob[index] === byte)
  const module = new wasm.Module(compressed ? decompress(blob.subarray(compressedMark.length)) : blob)
  const [version] = wasm.Module.customSections(module, 'runtime_version')
  if (!version) return undefined
  const [apis] = wasm.Module.customSections(module, 'runtime_apis')
  const reader = new ScaleReader(new Uint8Array(version))
  const start = reader.rest().length
  reader.byteVector()
  reader.byteVector()
  reader.take(apiBytes)
  const head = new Uint8Array(version).subarray(0, start - reader.rest().length)
  const listed = reader.compact()
  if (listed > 0 || !apis) return new Uint8Array(version)
  return concatBytes(head, encodeCompact(apis.byteLength / apiBytes), new Uint8Array(apis), reader.rest())
}
