import { ScaleReader } from '../fork/scaleType.js'
import type { Hex } from '../fork/forkState.js'

interface SpecVersion {
  readonly specName: string
  readonly specVersion: number
}

/** Of what `Core_version` returns: spec name, impl name, authoring version, spec version, ... */
export function specVersionOf(coreVersion: Hex): SpecVersion {
  const reader = new ScaleReader(Buffer.from(coreVersion.slice(2), 'hex'))
  const [specName = ''] = ['spec name', 'impl name'].map((name) => {
    const bytes = reader.take(reader.length())
    if (bytes.length === 0) throw new RangeError(`A runtime version without ${name}.`)
    return Buffer.from(bytes).toString('utf8')
  })
  reader.take(4)
  return { specName, specVersion: reader.small(4, false) }
}
