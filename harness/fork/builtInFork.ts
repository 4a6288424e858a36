import type { z } from 'zod'
import type { Feed } from './feed.js'
import type { ForkState } from './forkState.js'
import { forkMainnetShape, MAINNET_SHAPE_NETUIDS, mainnetShapeFork } from './mainnetShape.js'
import { forkSmall, SMALL_NETUIDS, smallFork } from './small.js'
import { forkSn31, sn31Fork } from './sn31.js'
import { NETUID, readSn31Data } from './sn31Data.js'
import type { StorageCodec } from './storageCodec.js'
import { readSubnetsTable } from './subnetsTable.js'

/** The built-in forks: what a fork file says of each, and the subnets it has. */
export const builtInForks = {
  sn31: { schema: sn31Fork, netuids: [NETUID] },
  small: { schema: smallFork, netuids: SMALL_NETUIDS },
  'mainnet-shape': { schema: mainnetShapeFork, netuids: MAINNET_SHAPE_NETUIDS },
} as const

export type BuiltInName = keyof typeof builtInForks

type Written = { [Name in BuiltInName]: z.infer<(typeof builtInForks)[Name]['schema']> }[BuiltInName]

/** A built-in fork as a run takes it; where its recording lies is no part of it. */
export type BuiltInFork = WithoutPath<Written>
type WithoutPath<Fork> = Fork extends unknown ? Omit<Fork, 'data'> : never

export interface OpenedFork {
  readonly fork: ForkState
  readonly feed: Feed
}

/** Reads what the fork stands on; the state follows when the runtime is known.
 *  @param dataFile path of its recording; `undefined` when it has none
 *  @returns makes the state and the feed of as many epochs
 *  @throws E211 to E213 about the recording; the returned function E202 when the runtime lacks an item */
export async function openBuiltInFork(
  spec: BuiltInFork,
  dataFile: string | undefined,
): Promise<(codec: StorageCodec, wasm: Uint8Array, epochs: number) => OpenedFork> {
  switch (spec.builtIn) {
    case 'sn31': {
      const data = await readSn31Data(dataFile ?? '', spec.sha256)
      return (codec, wasm, epochs) => forkSn31({ data, assume: spec.assume, codec, wasm, epochs })
    }
    case 'small':
      return (codec, wasm) => forkSmall({ seed: spec.seed, codec, wasm })
    case 'mainnet-shape': {
      const table = await readSubnetsTable(dataFile ?? '', spec.sha256)
      const { seed, uidScale } = spec
      return (codec, wasm) => forkMainnetShape({ table, seed, uidScale, codec, wasm })
    }
  }
}
