import type { PrefetchProgress } from './rpc/nodeState.js'
import type { ForkState, Hex } from './forkState.js'
import type { KeyRange } from './keyRanges.js'
import type { StorageCodec } from './storageCodec.js'
import type { PinnedBlock } from './rpc/pinBlock.js'

/** Why a state is believed: proven by the block's state root, or as these endpoints said it. */
export type Trust = { readonly kind: 'proven' } | { readonly kind: 'trusted'; readonly endpoints: readonly string[] }

/** How a report says it. */
export const trustText = (trust: Trust): string =>
  trust.kind === 'proven' ? 'state proven' : `state trusted from ${trust.endpoints.join(', ')}`

/** What is known of a state. */
export interface KnownPart {
  readonly storage: ReadonlyMap<Hex, Hex>
  /** Keys that have no entry. */
  readonly absent: readonly Hex[]
  /** Ranges of which every entry is in `storage`. */
  readonly ranges: readonly KeyRange<Hex>[]
}

/** What a replay is going to need. */
interface Wanted {
  readonly keys: readonly Hex[]
  readonly prefixes: readonly Hex[]
  /** Names keys in errors from then on. */
  readonly codec?: StorageCodec
}

/** A chain at one block, opened from nodes or from a snapshot. */
export interface ChainFork {
  readonly block: PinnedBlock
  /** The chain's own runtime at that block, as `:code` holds it. */
  readonly code: Hex
  trust(): Trust
  /** Reads what a replay is going to need, so that it need not wait for it key by key. */
  prefetch(wanted: Wanted, onProgress?: (progress: PrefetchProgress) => void): Promise<void>
  /** The state as far as it is known now, and what answers for the rest. */
  state(): ForkState
  /** What was read so far. */
  known(): KnownPart
  close(): Promise<void>
}

/** As a report says where the state came from: the same whether nodes or a snapshot of them were read. */
export function chainSource({ chain, genesisHash, header }: PinnedBlock, trust: () => Trust): ForkState['source'] {
  return {
    kind: 'chain',
    name: chain,
    recorded: [
      `State of ${chain} (genesis ${genesisHash}) after block ${header.number}, state root ${header.stateRoot}.`,
    ],
    assumed: [],
    get trust() {
      return trustText(trust())
    },
  }
}
