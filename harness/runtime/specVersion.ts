import { ScaleReader } from '../fork/scaleType.js'
import type { Hex } from '../fork/forkState.js'

export interface SpecVersion {
  readonly specName: string
  readonly specVersion: number
  /** Runtime APIs: blake2, 64 bits, of each name. */
  readonly apis: readonly Hex[]
}

/** Of what `Core_version` returns: spec name, impl name, authoring version, spec version, impl version, APIs, ... */
export function specVersionOf(coreVersion: Hex): SpecVersion {
  const reader = new ScaleReader(Buffer.from(coreVersion.slice(2), 'hex'))
  const [specName = ''] = ['spec name', 'impl name'].map((name) => {
    const bytes = reader.take(reader.length())
    if (bytes.length === 0) throw new RangeError(`A runtime version without ${name}.`)
    return Buffer.from(bytes).toString('utf8')
  })
  reader.take(4)
  const specVersion = reader.small(4, false)
  reader.take(4)
  const apis = Array.from({ length: reader.length() }, (): Hex => {
    const id = Buffer.from(reader.take(8)).toString('hex')
    reader.take(4)
    return `0x${id}`
  })
  return { specName, specVersion, apis }
}
