import { wasmArguments } from './policies.js'
import type { PolicyPatch } from './policy.js'
import { poolMove } from './wovenPolicies.js'

/** An epoch that is to be paid. */
export interface EpochPools {
  /** What it divides: both pools and what root stakers get. */
  readonly epochRao: bigint
  readonly minersRao: bigint
  readonly validatorsRao: bigint
  /** StakeWeight, as the epoch stores it, of all uids without and with a ValidatorPermit. */
  readonly minersStake: bigint
  readonly validatorsStake: bigint
}

const whole = 1_000_000_000n

/** Rao that the policy among these which moves any moves from validators to miners in an epoch; negative the other way, 0n
 *  without one. The definitions of `runtime-patches/policies/src/role_split.rs` and `aiarena.rs`. */
export function movedRao(patches: readonly PolicyPatch[]): (epoch: EpochPools) => bigint {
  const mover = patches.find((patch) => poolMove(patch) !== undefined)
  if (mover === undefined) return () => 0n
  const [first = 0n, , , , fifth = 0n] = wasmArguments(mover).map(BigInt)
  return mover.policy === 'aiarena' ? byStake(first, fifth) : byPart(first)
}

/** Division truncates towards zero, as there. */
const byPart =
  (minerPpb: bigint) =>
  ({ epochRao }: EpochPools): bigint =>
    (epochRao * (2n * minerPpb - whole)) / (2n * whole)

const byStake =
  (gammaPpb: bigint, mixPpb: bigint) =>
  ({ minersRao, validatorsRao, minersStake, validatorsStake }: EpochPools): bigint => {
    const stake = minersStake + validatorsStake
    if (stake === 0n) return 0n
    const part = (own: bigint) => gammaPpb * stake + (whole - 2n * gammaPpb) * own
    const total = minersRao + validatorsRao
    const rule = nearest(total * part(minersStake), whole * stake)
    return nearest(rule * mixPpb + minersRao * (whole - mixPpb), whole) - minersRao
  }

/** The miners' of two amounts that share a whole by the largest remainder: a half goes to them, who are first. */
const nearest = (numerator: bigint, denominator: bigint): bigint => (2n * numerator + denominator) / (2n * denominator)
