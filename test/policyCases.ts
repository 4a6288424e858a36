import type { EpochVectors } from '../harness/ledger/ledger.js'
import { checkPolicyParams } from '../harness/runtime/policies.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { exponential, naturalLog } from './exactPower.js'
import { independentYuma, type StakeCap, type YumaInput, type YumaOutput } from './independentYuma.js'
import { apportion, totalOf } from './rewardCase.js'

// The policies' definitions in plain integers, each with the parameters of a case: what an epoch grants under them, computed by a
// second implementation of the epoch.

export type Pools = { readonly minerRao: readonly bigint[]; readonly validatorRao: readonly bigint[] }

type Vectors = Pick<EpochVectors, 'consensus' | 'validatorTrust' | 'stakeWeight' | 'validatorPermit'>

/** What the block's pools hold; the epoch divides both and what root stakers get. */
export interface HeldPools {
  readonly epochRao: bigint
  readonly minersRao: bigint
  readonly validatorsRao: bigint
}

export interface PolicyCase {
  readonly patches: readonly PolicyPatch[]
  /** The definition at `stake_weights`, in the steps of the chain's stake weights: a share of stake counts 2^-32, so that
   *  a part of a rao can move a share by 2^-32 of the pool, which is more than the amounts may differ by. */
  readonly stakes?: (steps: readonly bigint[]) => bigint[]
  readonly cap?: StakeCap
  /** The definition at `epoch_rewards`, by the vectors that the chain stored in the epoch: a unit of 65535 in those would be
   *  more than the amounts may differ by. */
  readonly pools?: (pools: Pools, vectors: Vectors) => Pools
  /** Rao that move from validators to miners. */
  readonly moved?: (held: HeldPools, vectors: Vectors) => bigint
}

interface Pool {
  readonly role: 'miner' | 'validator'
  readonly rao: readonly bigint[]
  readonly performance: readonly number[]
  readonly stake: readonly number[]
}

function inBothPools(definition: (pool: Pool) => bigint[]): NonNullable<PolicyCase['pools']> {
  return ({ minerRao, validatorRao }, { consensus, validatorTrust, stakeWeight }) => ({
    minerRao: definition({ role: 'miner', rao: minerRao, performance: consensus, stake: stakeWeight }),
    validatorRao: definition({ role: 'validator', rao: validatorRao, performance: validatorTrust, stake: stakeWeight }),
  })
}

/** The pool's sum by stake^0.6 perf^1.5 for validators, by perf^1.5 for miners. */
function byProducts({ role, rao, performance, stake }: Pool): bigint[] {
  const logs = performance.map((score, uid) => {
    const held = role === 'miner' ? 1 : (stake[uid] ?? 0)
    if (held === 0 || score === 0) return undefined
    return (6n * naturalLog(BigInt(held)) + 15n * naturalLog(BigInt(score))) / 10n
  })
  const largest = logs.reduce<bigint>((max, log) => (log !== undefined && log > max ? log : max), 0n)
  const products = logs.map((log) => (log === undefined ? 0n : exponential(log - largest)))
  return apportion(totalOf(rao), products)
}

/** Of each amount `1 - part / whole`, the rest of the pool as the others. */
function blend(today: readonly bigint[], other: readonly bigint[], part: bigint, whole: bigint): bigint[] {
  const weights = today.map((rao, uid) => (whole - part) * rao + part * (other[uid] ?? 0n))
  return apportion(totalOf(today), weights)
}

/** M (S / M)^0.7 */
function byPower(steps: readonly bigint[]): bigint[] {
  const largest = steps.reduce((max, stake) => (stake > max ? stake : max))
  const log = (stake: bigint) => (7n * (naturalLog(stake) - naturalLog(largest))) / 10n
  return steps.map((stake) => (stake === 0n ? 0n : (largest * exponential(log(stake))) >> 192n))
}

/** Four fifths of the pool by products. */
const byComposite = (pool: Pool) => blend(pool.rao, byProducts(pool), 4n, 5n)

/** r_i (1 + 5/2 trust_i) */
function byTrust({ rao, performance }: Pool): bigint[] {
  const weights = rao.map((amount, uid) => amount * (2n * 65_535n + 5n * BigInt(performance[uid] ?? 0)))
  return apportion(totalOf(rao), weights)
}

/** A quarter of what the roles' stake and 1/8 at least give miners, three quarters of what they have. */
function movedByStake({ minersRao, validatorsRao }: HeldPools, { stakeWeight, validatorPermit }: Vectors): bigint {
  const stakeOf = (permitted: boolean) =>
    totalOf(stakeWeight.filter((_, uid) => validatorPermit[uid] === permitted).map(BigInt))
  const [miners, validators] = [stakeOf(false), stakeOf(true)]
  const all = miners + validators
  const [rule = 0n] = apportion(minersRao + validatorsRao, [all + 6n * miners, all + 6n * validators])
  const [after = 0n] = apportion(minersRao + validatorsRao, [
    rule + 3n * minersRao,
    minersRao + validatorsRao - rule + 3n * validatorsRao,
  ])
  return after - minersRao
}

/** A quarter of the pool by grades: of miners (3/4)^rank, of validators trust times stake. */
function byGrades({ role, rao, performance, stake }: Pool): bigint[] {
  const members = performance.length
  const weights = performance.map((score, uid) => {
    if (role === 'validator') return BigInt(score) * BigInt(stake[uid] ?? 0)
    const rank = performance.filter((other) => other > score).length
    return score === 0 ? 0n : 3n ** BigInt(rank) * 4n ** BigInt(members - rank)
  })
  return totalOf(weights) === 0n ? [...rao] : blend(rao, apportion(totalOf(rao), weights), 1n, 4n)
}

/** Halves of today's pool and of one by performance. */
function byPerformance({ rao, performance }: Pool): bigint[] {
  const scores = performance.map(BigInt)
  const [pool, all] = [totalOf(rao), totalOf(scores)]
  return all === 0n
    ? [...rao]
    : apportion(
        pool,
        rao.map((amount, uid) => amount * all + pool * (scores[uid] ?? 0n)),
      )
}

const power = checkPolicyParams('stake-power', { theta: 0.7 })
const composite = checkPolicyParams('composite', { a: 0.6, b: 1.5, mix: 0.8 })
const trust = checkPolicyParams('trust-bonus', { beta: 2.5 })
const aiarena = checkPolicyParams('aiarena', { gamma: 0.125, decay: 0.75, mix: 0.25 })

const split = { miner: 0.6, validator: 0.4 }

export const policyCases = {
  'stake-cap': {
    patches: [checkPolicyParams('stake-cap', { percentile: 88 })],
    cap: { percentile: 88, scope: 'permitted' },
  },
  'performance-weighted': {
    patches: [checkPolicyParams('performance-weighted', { lambda: 0.5, pool: 'both' })],
    pools: inBothPools(byPerformance),
  },
  'role-split': {
    patches: [checkPolicyParams('role-split', split)],
    // A tenth of the epoch.
    moved: ({ epochRao }) => epochRao / 10n,
  },
  'stake-power': { patches: [power], stakes: byPower },
  composite: { patches: [composite], pools: inBothPools(byComposite) },
  'trust-bonus': { patches: [trust], pools: inBothPools(byTrust) },
  aiarena: { patches: [aiarena], pools: inBothPools(byGrades), moved: movedByStake },
  'stake-power, then composite, then trust-bonus': {
    patches: [power, composite, trust],
    stakes: byPower,
    pools: inBothPools((pool) => byTrust({ ...pool, rao: byComposite(pool) })),
  },
} satisfies Readonly<Record<string, PolicyCase>>

/** What an epoch grants each uid under a case, before it is paid.
 *  @param input stakes and their threshold in steps of 2^-64 rao
 *  @param vectors as the chain stored them in the epoch */
export function grantedBy(
  { stakes, cap, pools, moved }: PolicyCase,
  input: YumaInput,
  held: HeldPools,
  vectors: Vectors,
): { readonly again: YumaOutput; readonly movedRao: bigint; readonly pools: Pools } {
  const again = independentYuma({
    ...input,
    stakeRao: stakes?.(input.stakeRao) ?? input.stakeRao,
    ...(cap !== undefined && { cap }),
  })
  const movedRao = moved?.(held, vectors) ?? 0n
  const minerRao = movedRao === 0n ? again.serverRao : apportion(totalOf(again.serverRao) + movedRao, again.serverRao)
  const today = { minerRao, validatorRao: again.validatorRao }
  return { again, movedRao, pools: pools?.(today, vectors) ?? today }
}
