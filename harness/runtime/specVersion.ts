import { ScaleReader } from '../fork/scaleType.js'
import type { Hex } from '../fork/forkState.js'

/** `spec_version` of what `Core_version` returns: spec name, impl name, authoring version, spec version, ... */
export function specVersionOf(coreVersion: Hex): number {
  const reader = new ScaleReader(Buffer.from(coreVersion.slice(2), 'hex'))
  for (const name of ['spec name', 'impl name']) {
    if (reader.take(reader.length()).length === 0) throw new RangeError(`A runtime version without ${name}.`)
  }
  reader.take(4)
  return reader.small(4, false)
}
