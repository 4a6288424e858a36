/** A value that a scenario gives to a hook under `params:`. */
export type HookParam = number | string | boolean

/** Who holds a uid. */
export interface HookUid {
  readonly uid: number
  /** SS58, prefix 42. */
  readonly hotkey: string
  readonly coldkey: string
  /** As stored: renewed by this epoch when `rolePools` is called, and when `epochRewards` is, but in runtimes that store an
   *  epoch's results after its rewards (spec 425). */
  readonly validatorPermit: boolean
  /** Alpha of the subnet staked on the hotkey, rao (TotalHotkeyAlpha). */
  readonly alphaStakeRao: bigint
}

/** What a hook knows of the chain. Everything is of the state at the call, what the block has done so far included. */
export interface HookContext {
  readonly block: number
  readonly netuid: number
  /** As the scenario states them. */
  readonly params: Readonly<Record<string, HookParam>>
  /** By uid; read when first asked for. */
  readonly uids: readonly HookUid[]
  readonly storage: {
    /** A storage entry decoded by the runtime's metadata, its default where there is none, `null` where it has no default.
     *  Integers up to 32 bits are `number`, wider ones `bigint`; accounts SS58; bytes hexadecimal; fixed-point numbers
     *  their bits.
     *  @example ctx.storage.get('SubtensorModule', 'Kappa', ctx.netuid) // 32767
     *  @throws Error when the runtime has no such item, or the keys are not its */
    get(pallet: string, item: string, ...keys: readonly (string | number | bigint | boolean)[]): unknown
  }
}

/** What the epoch pays a uid, and what it found of it. */
export interface HookReward {
  readonly uid: number
  /** SS58, prefix 42. */
  readonly hotkey: string
  /** Incentive, rao. */
  readonly serverRao: bigint
  /** Rao as the epoch gives it. The chain pays validators by their proportions of it, child keys and takes included. */
  readonly validatorRao: bigint
  /** 65535 = 1.0, as are the next two. */
  readonly consensus: number
  readonly validatorTrust: number
  readonly stakeWeight: number
}

/** What an epoch pays by role, rao. */
export interface HookPools {
  /** What it divides: both pools and what root stakers get. */
  readonly epochRao: bigint
  readonly serverRao: bigint
  readonly validatorRao: bigint
}

/** A policy written in TypeScript. Its functions are called inside the epoch, once for each subnet whose epoch runs; they
 *  return new values and change nothing they are given. A result must depend on the arguments alone. */
export interface HookPolicy {
  /** Lower-case letters, digits and hyphens. */
  readonly name: string
  /** What the epoch takes as each uid's stake.
   *  @param weights by uid, bits of an I64F64: 2^64 is one rao
   *  @returns as many, each 0 to 2^127 - 1 */
  stakeWeights?(ctx: HookContext, weights: readonly bigint[]): readonly bigint[]
  /** What the epoch pays miners and validators in all. Called when the epoch has stored what it found of them, before
   *  `epochRewards`. Nothing moves in an epoch in which nobody is paid as a miner, or as a validator.
   *  @returns both, their sum as it was; each validator then gets its part of the new amount, each miner its own. */
  rolePools?(ctx: HookContext, pools: HookPools): Pick<HookPools, 'serverRao' | 'validatorRao'>
  /** What the epoch pays.
   *  @param rewards by uid
   *  @returns each uid once, in any order; the sum of serverRao and the sum of validatorRao stay as they are */
  epochRewards?(
    ctx: HookContext,
    rewards: readonly HookReward[],
  ): readonly Pick<HookReward, 'uid' | 'serverRao' | 'validatorRao'>[]
}

/** Makes a file a hook: a scenario names it under `patches:` as `{ kind: hook, file: ./my-policy.ts }`. */
export function definePolicy(policy: HookPolicy): HookPolicy {
  return policy
}
