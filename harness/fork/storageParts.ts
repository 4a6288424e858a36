import { blake2AsHex } from './polkadotPackages.js'
import type { ForkHeader, Hex } from './forkState.js'
import type { StorageCodec } from './storageCodec.js'

export const SUBTENSOR = 'SubtensorModule'

export type Put = (pallet: string, item: string, args: readonly unknown[], value: unknown) => void

/** Weight of the TAO side of a pool, parts of 1e18: what the chain takes a pool without one to have. */
export const EVEN_POOL = { quote: 500_000_000_000_000_000n }

/** `:code` */
export const CODE_KEY: Hex = '0x3a636f6465'

/** Vectors by uid that an epoch writes and a replacement of the uid clears; ValidatorPermit is another. */
export const epochOutputs = [
  { item: 'Active', zero: false, elementBytes: 1 },
  { item: 'Emission', zero: 0, elementBytes: 8 },
  { item: 'Consensus', zero: 0, elementBytes: 2 },
  { item: 'Incentive', zero: 0, elementBytes: 2 },
  { item: 'Dividends', zero: 0, elementBytes: 2 },
  { item: 'ValidatorTrust', zero: 0, elementBytes: 2 },
  { item: 'StakeWeight', zero: 0, elementBytes: 2 },
] as const

/** A hash that stands for one that no chain made, the same in every run. */
export const madeUpHash = (name: string): Hex => blake2AsHex(`epochdiff/${name}`, 256)

interface RuntimeVersion {
  readonly spec_name: string
  readonly impl_name: string
  readonly spec_version: number
}

/** What the runtime calls itself: its metadata's `System.Version`. */
export function runtimeVersion(codec: StorageCodec): RuntimeVersion {
  return codec.constant('System', 'Version') as RuntimeVersion
}

/** A state in the making: an entry that is put again replaces the one before. */
export function openStorage(codec: StorageCodec, wasm: Uint8Array): { storage: Map<Hex, Hex>; put: Put } {
  const storage = new Map<Hex, Hex>([[CODE_KEY, `0x${Buffer.from(wasm).toString('hex')}`]])
  return {
    storage,
    put: (pallet, item, args, value) =>
      storage.set(codec.key(pallet, item, ...args), codec.encode(pallet, item, value)),
  }
}

/** The frame's own items after the block `head`, whose parent is made up. */
export function putSystem(put: Put, codec: StorageCodec, head: ForkHeader, parentHash: Hex): void {
  put('System', 'Number', [], head.number)
  put('System', 'ParentHash', [], parentHash)
  put('System', 'BlockHash', [head.number - 1], parentHash)
  // Without it the first block would run the runtime's migrations.
  const { spec_name, spec_version } = runtimeVersion(codec)
  put('System', 'LastRuntimeUpgrade', [], { spec_name, spec_version })
}

/** A hotkey that holds a uid since a block. */
export function putRegistration(put: Put, netuid: number, uid: number, block: number, hotkey: Hex): void {
  put(SUBTENSOR, 'Keys', [netuid, uid], hotkey)
  put(SUBTENSOR, 'Uids', [netuid, hotkey], uid)
  put(SUBTENSOR, 'IsNetworkMember', [hotkey, netuid], true)
  put(SUBTENSOR, 'BlockAtRegistration', [netuid, uid], block)
}

/** A hotkey's stake on a subnet (0: root) and whose it is: each coldkey has as many shares as rao. Zero amounts are no stake.
 *  @param holders coldkey -> rao */
export function putStake(put: Put, netuid: number, hotkey: Hex, holders: ReadonlyMap<Hex, bigint>): void {
  const totalRao = [...holders.values()].reduce((sum, rao) => sum + rao, 0n)
  if (totalRao === 0n) return
  put(SUBTENSOR, 'TotalHotkeyAlpha', [hotkey, netuid], totalRao)
  put(SUBTENSOR, 'TotalHotkeySharesV2', [hotkey, netuid], safeFloat(totalRao))
  for (const [coldkey, rao] of holders) {
    if (rao > 0n) put(SUBTENSOR, 'AlphaV2', [hotkey, coldkey, netuid], safeFloat(rao))
  }
}

/** The chain's canonical form of a positive integer: mantissa * 10^exponent with 1e20 < mantissa <= 1e21. */
function safeFloat(integer: bigint): { mantissa: bigint; exponent: number } {
  let [mantissa, exponent] = [integer, 0]
  for (; mantissa <= 10n ** 20n; exponent -= 1) mantissa *= 10n
  return { mantissa, exponent }
}
