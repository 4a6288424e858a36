import type { ForkHeader, Hex } from './forkState.js'

/** A chain that was drawn, not recorded, before it is written as storage (`madeUpStorage`). Amounts in rao. */
export interface MadeUpChain {
  readonly head: ForkHeader
  /** Hash of the block before the head. */
  readonly parentHash: Hex
  /** TaoWeight, parts of 2^64 - 1. */
  readonly taoWeight: bigint
  readonly stakeThresholdRao: bigint
  /** SubnetOwnerCut, parts of 65535. */
  readonly ownerCut: number
  /** Every hotkey of the chain: who owns it, and its take (Delegates, parts of 65535). */
  readonly hotkeys: ReadonlyMap<Hex, { readonly coldkey: Hex; readonly take: number }>
  /** At most one for each hotkey, coldkey and subnet; netuid 0 is root. */
  readonly stakes: readonly Stake[]
  /** Coldkeys that keep their root dividends as stake; those of all others are sold. */
  readonly keepsClaims: ReadonlySet<Hex>
  /** What each coldkey holds besides its stakes. */
  readonly freeRao: bigint
  /** Ascending by netuid, root left out. */
  readonly subnets: readonly MadeUpSubnet[]
}

export interface Stake {
  readonly hotkey: Hex
  readonly coldkey: Hex
  readonly netuid: number
  readonly rao: bigint
}

export interface MadeUpSubnet {
  readonly netuid: number
  readonly tempo: number
  /** Block of its last epoch; what was emitted since is pending. */
  readonly lastEpochBlock: number
  /** Block since which it exists and emits. */
  readonly registeredAt: number
  readonly owner: { readonly hotkey: Hex; readonly coldkey: Hex }
  /** Values of SubtensorModule's items that have the netuid as their only key, besides those that follow from the rest. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly pool: { readonly taoRao: bigint; readonly alphaRao: bigint; readonly movingPriceBits: bigint }
  /** By uid. */
  readonly uids: readonly MadeUpUid[]
  /** For each mechanism: validator's uid -> [uid, weight]. */
  readonly weights: readonly ReadonlyMap<number, readonly (readonly [uid: number, weight: number])[]>[]
  readonly children: readonly ChildKey[]
  /** Hotkey -> parts of 65535. */
  readonly childkeyTakes: ReadonlyMap<Hex, number>
  /** Coldkey -> hotkey that its miners' incentive is staked to. */
  readonly autoStakes: ReadonlyMap<Hex, Hex>
}

export interface MadeUpUid {
  readonly hotkey: Hex
  readonly registeredAt: number
  readonly lastUpdate: number
  /** ValidatorPermit. */
  readonly permitted: boolean
}

/** A parent's stake that counts for a child; parts of 2^64 - 1. */
export interface ChildKey {
  readonly parent: Hex
  readonly child: Hex
  readonly proportion: bigint
}
