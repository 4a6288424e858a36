import type { EngineOptions } from '../../engineOptions.js'
import { packSpan, type GuestMemory } from '../guestMemory.js'
import type { LogBook } from '../logBook.js'
import type { Overlay } from '../overlay.js'
import type { StorageCache } from '../storageCache.js'

/** What host functions work on. One per arm; its parts are reset before each call. */
export interface HostContext {
  readonly memory: GuestMemory
  /** The heap, and the main trie's values that were asked for lately. */
  readonly cache: StorageCache
  readonly storage: Overlay
  readonly logs: LogBook
  readonly signatures: EngineOptions['signatures']
  /** Host functions of this call that were answered without doing what a node does. */
  readonly mocked: Set<string>
  /** Rao that hooks of this call moved from validators to miners, by netuid. */
  readonly poolMoves: Map<number, bigint>
  /** Whether every signature of the open batch was valid; `undefined` while none is open. */
  readonly batch: { valid: boolean | undefined }
}

/** Host functions by their name in the `env` module. Pointer-size arguments and results are `bigint` spans, others numbers; some return nothing. */
export type HostFunctions = Readonly<Record<string, (...args: never[]) => unknown>>

/** Gives bytes to the runtime in freshly allocated memory. */
export function returnSpan({ memory, cache }: HostContext, bytes: Uint8Array): bigint {
  const offset = cache.malloc(bytes.length)
  memory.write(offset, bytes)
  return packSpan(offset, bytes.length)
}

export function returnPointer({ memory, cache }: HostContext, bytes: Uint8Array): number {
  const offset = cache.malloc(bytes.length)
  memory.write(offset, bytes)
  return offset
}
