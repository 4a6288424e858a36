import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'

export interface RuntimeEvent {
  /** "Pallet.Variant" */
  readonly name: string
  readonly fields: unknown
}

/** @param raw System.Events; `null` when there are none */
export function runtimeEvents(codec: StorageCodec, raw: Hex | null): RuntimeEvent[] {
  const records = codec.decode('System', 'Events', raw) as { event: Record<string, unknown> }[] | null
  return (records ?? []).map(({ event }) => {
    const [[pallet, inner] = ['', '']] = Object.entries(event)
    if (typeof inner === 'string') return { name: `${pallet}.${inner}`, fields: null }
    const [[variant, fields] = ['', null]] = Object.entries(inner as object)
    return { name: `${pallet}.${variant}`, fields: fields as unknown }
  })
}
