/** Why an account was paid. `root`: dividends on root stake; `burned`: withheld from an owner hotkey, paid to nobody. */
export type Role = 'miner' | 'validator' | 'nominator' | 'owner' | 'root' | 'burned'

/** What one account was paid in one epoch of one subnet. */
export interface RewardEntry {
  /** Index of the epoch in the run, from 0. */
  readonly epoch: number
  readonly netuid: number
  /** `undefined` when the hotkey holds no uid on the subnet (a parent, an auto-stake destination, the owner). */
  readonly uid: number | undefined
  /** SS58, prefix 42. */
  readonly hotkey: string
  readonly coldkey: string
  readonly role: Role
  /** alpha of the subnet, in rao. */
  readonly alphaRao: bigint
}

/** The epoch's totals that the entries are checked against; all in alpha rao. */
export interface EpochTotals {
  readonly epoch: number
  readonly netuid: number
  readonly block: number
  /** Taken from the pending accumulators: server + validator + root + owner cut. */
  readonly drainedRao: bigint
  /** Sum of all entries, burned included. */
  readonly paidRao: bigint
  /** drained - paid: rounding, and pools that nobody could be paid from. */
  readonly unpaidRao: bigint
  /** The part of `unpaidRao` that has a known reason: an owner cut without an owner, a pool that nobody can be paid from,
   *  root alpha recycled before the epoch. Negative when mechanisms without dividends overpay miners. */
  readonly unownedRao: bigint
  /** Bound of the roundings: |unpaidRao - unownedRao| <= slackRao in a sound epoch. */
  readonly slackRao: bigint
  /** Increase of all TotalHotkeyAlpha of the subnet over the epoch's block, plus burned and newly claimable: equals paidRao. */
  readonly creditedRao: bigint
}

/** What the epoch's outputs were, one element a uid; u16 values, 65535 = 1.0. */
export interface EpochVectors {
  readonly epoch: number
  readonly netuid: number
  readonly hotkeys: readonly string[]
  readonly coldkeys: readonly string[]
  /** Stake weight of each uid before the epoch, rao. */
  readonly stakeRao: readonly bigint[]
  readonly stakeWeight: readonly number[]
  readonly consensus: readonly number[]
  readonly incentive: readonly number[]
  readonly dividends: readonly number[]
  readonly validatorTrust: readonly number[]
  readonly validatorPermit: readonly boolean[]
  readonly active: readonly boolean[]
}

/** All that one arm paid over a run. */
export interface Ledger {
  readonly entries: readonly RewardEntry[]
  readonly totals: readonly EpochTotals[]
  readonly vectors: readonly EpochVectors[]
}
