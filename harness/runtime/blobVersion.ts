import { ScaleReader } from '../fork/scaleType.js'
import type { WasmModule } from './wasmModule.js'

/** What a runtime says of itself in its `runtime_version` section. */
export interface BlobVersion {
  readonly specName: string
  readonly implName: string
  readonly specVersion: number
}

/** `undefined` for a runtime without the section, or with one that does not read. */
export function blobVersion(module: WasmModule): BlobVersion | undefined {
  const section = module.sections.find(({ name }) => name === 'runtime_version')
  if (section === undefined) return undefined
  // The section's content begins with its own name.
  const reader = new ScaleReader(section.content.subarray(1 + 'runtime_version'.length))
  try {
    const text = () => new TextDecoder('utf-8', { fatal: true }).decode(reader.take(reader.length()))
    const specName = text()
    const implName = text()
    reader.take(4)
    return { specName, implName, specVersion: reader.small(4, false) }
  } catch {
    return undefined
  }
}
