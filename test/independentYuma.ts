/** A second implementation of one epoch: Yuma2 with one mechanism and its payout, for a state without parent keys, root stake and
 *  nominators. Dense and slow, in exact integers, written from the specification of the chain (spec 425) and sharing nothing with
 *  what it checks. Left out: commit-reveal, liquid alpha, Yuma3, gaps between uids, a permit vector that is absent, duplicate
 *  entries in a row (refused). */

/** Entries [uid, value]; a uid may appear once. */
export type Row = readonly (readonly [uid: number, value: number])[]

interface YumaParams {
  readonly block: number
  readonly tempo: number
  /** Block of the previous epoch; 0 if the state does not tell. */
  readonly lastMechanismStepBlock: number
  /** Blocks without an update after which a uid is inactive. */
  readonly activityCutoff: number
  /** u16, 65535 = 1. */
  readonly kappa: number
  /** u16, 65535 = 1. */
  readonly bondsPenalty: number
  /** Millionths. */
  readonly bondsMovingAverage: number
  readonly maxAllowedValidators: number
  readonly stakeThresholdRao: bigint
  /** Uid of the subnet owner's hotkey, if it is registered. */
  readonly ownerUid?: number
  /** Up to spec 400 the owner only keeps its weight for itself: no permit for free, no stake below the threshold. */
  readonly ownerIsExempt?: boolean
}

export interface StakeCap {
  /** Above 0, at most 100; seven decimals. */
  readonly percentile: number
  /** permitted: uids with an old permit and stake at or above the threshold. */
  readonly scope: 'permitted' | 'all'
}

export interface YumaInput {
  readonly params: YumaParams
  /** Stake weight of each uid before threshold and cap, rao; its length is the number of uids. */
  readonly stakeRao: readonly bigint[]
  readonly weights: readonly Row[]
  readonly bonds: readonly Row[]
  readonly lastUpdate: readonly number[]
  readonly registrationBlock: readonly number[]
  /** As stored before the epoch. */
  readonly permits: readonly boolean[]
  readonly cap?: StakeCap
  /** Pending amounts of the epoch. */
  readonly serverRao: bigint
  readonly validatorRao: bigint
  /** Uids whose incentive is withheld from the subnet owner. */
  readonly withheld?: ReadonlySet<number>
  /** Delegate take of each uid, u16; 11796 where left out. */
  readonly take?: readonly number[]
}

export interface YumaOutput {
  /** u16 as stored. */
  readonly stakeWeight: number[]
  readonly consensus: number[]
  readonly incentive: number[]
  readonly dividends: number[]
  readonly validatorTrust: number[]
  readonly permits: boolean[]
  readonly active: boolean[]
  /** As stored: column maximum 65535. */
  readonly bonds: [uid: number, value: number][][]
  /** What the epoch computes for each uid. */
  readonly serverRao: bigint[]
  readonly validatorRao: bigint[]
  readonly emissionRao: bigint[]
  /** What accounts receive in the end: incentive (0 where withheld), and dividends with the take. */
  readonly minerPaidRao: bigint[]
  readonly burnedRao: bigint
  readonly validatorPaidRao: bigint[]
}

// A number x is the integer x * 2^32. Multiplication rounds down, division toward zero, division by zero is zero.
const ONE = 1n << 32n
const mul = (a: bigint, b: bigint) => (a * b) >> 32n
const div = (a: bigint, b: bigint) => (b === 0n ? 0n : (a << 32n) / b)
const sum = (list: readonly bigint[]) => list.reduce((total, x) => total + x, 0n)
const normalise = (list: readonly bigint[], by = sum(list)) => list.map((x) => (by === 0n ? x : div(x, by)))
const ofU16 = (value: number) => (BigInt(value) * ONE) / 65535n
const toU16 = (x: bigint) => {
  const scaled = mul(x, 65535n << 32n) >> 32n
  return Number(scaled < 0n ? 0n : scaled > 65535n ? 65535n : scaled)
}

type Matrix = bigint[][]

export function independentYuma(input: YumaInput): YumaOutput {
  const { params, stakeRao, lastUpdate, registrationBlock } = input
  const { ownerUid } = params
  const exempt = exemptUid(params)
  const uids = stakeRao.map((_, uid) => uid)
  const at = <T>(list: readonly T[], index: number, missing: T): T => list[index] ?? missing

  // Activity and stake
  const active = uids.map((i) => at(lastUpdate, i, 0) + params.activityCutoff >= params.block)
  const capped = capStake(input)
  const counted = capped.map((rao, i) => (i !== exempt && rao < params.stakeThresholdRao ? 0n : rao))
  const totalRao = sum(counted)
  const stake = counted.map((rao) => (totalRao === 0n ? 0n : ((rao << 64n) / totalRao) >> 32n))

  // Permits: those before the epoch mask, those after it are stored
  const oldPermits = uids.map((i) => at(input.permits, i, false) || i === exempt)
  const newPermits = topPermits(stake, params)
  const activeStake = normalise(stake.map((s, i) => (at(active, i, false) && at(oldPermits, i, false) ? s : 0n)))

  // Weights
  const weights = dense(uids.length, input.weights).map((row, i) =>
    normalise(
      row.map((weight, j) => {
        const self = i === j && i !== ownerUid
        const outdated = at(lastUpdate, i, 0) <= at(registrationBlock, j, 0)
        return !at(oldPermits, i, false) || self || outdated ? 0n : weight
      }),
    ),
  )

  // Consensus, ranks, incentive
  const voters = uids.filter((i) => at(activeStake, i, 0n) > 0n)
  const votes = normalise(voters.map((i) => at(activeStake, i, 0n)))
  const consensus = uids.map((j) =>
    median(
      voters.map((i) => cell(weights, i, j)),
      votes,
      ofU16(params.kappa),
    ),
  )
  const clipped = weights.map((row) => row.map((weight, j) => smaller(weight, at(consensus, j, 0n))))
  const validatorTrust = clipped.map(sum)
  const ranks = uids.map((j) => sum(uids.map((i) => mul(at(activeStake, i, 0n), cell(clipped, i, j)))))
  const incentive = normalise(ranks)

  // Bonds and dividends
  const penalty = ofU16(params.bondsPenalty)
  const bondWeights = weights.map((row, i) =>
    row.map((weight, j) => {
      if (penalty === 0n) return weight
      if (penalty === ONE) return cell(clipped, i, j)
      const between = weight + mul(penalty, cell(clipped, i, j) - weight)
      return between > 0n ? between : 0n
    }),
  )
  const since =
    params.lastMechanismStepBlock === 0 ? Math.max(0, params.block - params.tempo) : params.lastMechanismStepBlock + 1
  const oldBonds = dense(uids.length, input.bonds).map((row) =>
    row.map((bond, j) => (since <= at(registrationBlock, j, 0) ? 0n : bond)),
  )
  const alpha = ONE - (((BigInt(params.bondsMovingAverage) << 64n) / 1_000_000n) >> 32n)
  const before = byColumn(oldBonds, sum)
  const now = byColumn(
    bondWeights.map((row, i) => row.map((weight) => mul(weight, at(activeStake, i, 0n)))),
    sum,
  )
  const moved = now.map((row, i) => row.map((bond, j) => mul(alpha, bond) + mul(ONE - alpha, cell(before, i, j))))
  const averaged = byColumn(moved, sum)
  const dividends = normalise(averaged.map((row) => sum(row.map((bond, j) => mul(at(incentive, j, 0n), bond)))))
  const upscaled = byColumn(averaged, (column) => column.reduce((max, bond) => (bond > max ? bond : max), 0n))

  // Emission
  const both = incentive.map((x, i) => x + at(dividends, i, 0n))
  const nothing = sum(both) === 0n
  const fallback = sum(activeStake) === 0n ? stake : activeStake
  const pendingRao = input.serverRao + input.validatorRao
  const inRao = (shares: readonly bigint[]) => shares.map((share) => (share * pendingRao) >> 32n)
  const serverRao = inRao(normalise(incentive, sum(both)))
  const validatorRao = inRao(nothing ? fallback : normalise(dividends, sum(both)))

  return {
    stakeWeight: stake.map(toU16),
    consensus: consensus.map(toU16),
    incentive: incentive.map(toU16),
    dividends: dividends.map(toU16),
    validatorTrust: validatorTrust.map(toU16),
    permits: newPermits,
    active,
    bonds: upscaled.map((row, i) =>
      row.flatMap((bond, j): [number, number][] =>
        at(newPermits, i, false) && cell(moved, i, j) > 0n ? [[j, toU16(bond)]] : [],
      ),
    ),
    serverRao,
    validatorRao,
    emissionRao: inRao(nothing ? fallback : normalise(both)),
    ...payout(input, serverRao, validatorRao),
  }
}

/** C = nearest-rank percentile of the non-zero stakes in scope; every stake above C counts as C. */
export function capStake({
  cap,
  params,
  stakeRao,
  permits,
}: Pick<YumaInput, 'cap' | 'stakeRao' | 'permits'> & {
  readonly params: Pick<YumaParams, 'stakeThresholdRao'>
}): readonly bigint[] {
  if (cap === undefined || cap.percentile === 100) return stakeRao
  const inScope = (rao: bigint, uid: number) =>
    rao > 0n && (cap.scope === 'all' || (permits[uid] === true && rao >= params.stakeThresholdRao))
  const scope = stakeRao.filter(inScope).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const partsPerBillion = Math.round(cap.percentile * 1e7)
  const rank = Math.ceil((scope.length * partsPerBillion) / 1e9)
  const highest = scope[rank - 1]
  return highest === undefined ? stakeRao : stakeRao.map((rao) => smaller(rao, highest))
}

/** The K largest stakes, the higher uid among equals; nobody without stake, except the owner, who always has one. */
function topPermits(stake: readonly bigint[], params: YumaParams): boolean[] {
  const { maxAllowedValidators } = params
  const descending = stake
    .map((amount, uid) => ({ amount, uid }))
    .sort((a, b) => (a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : b.uid - a.uid))
  const allowed = new Set(descending.slice(0, maxAllowedValidators).map(({ uid }) => uid))
  return stake.map((amount, uid) => uid === exemptUid(params) || (amount > 0n && allowed.has(uid)))
}

const exemptUid = ({ ownerUid, ownerIsExempt = true }: YumaParams) => (ownerIsExempt ? ownerUid : undefined)

/** The smallest score whose supporters at or below it hold more than total - kappa of the votes. */
function median(scores: readonly bigint[], votes: readonly bigint[], kappa: bigint): bigint {
  const minority = sum(votes) - kappa
  const ascending = [...new Set(scores)].sort((a, b) => (a < b ? -1 : 1))
  const found = ascending.find((score) => sum(votes.filter((_, i) => (scores[i] ?? 0n) <= score)) > minority)
  return found ?? ascending.at(-1) ?? 0n
}

/** Validators' amounts are proportions of the validators' pool, and of both pools when no miner has incentive. */
function payout(input: YumaInput, serverRao: readonly bigint[], validatorRao: readonly bigint[]) {
  const withheld = (uid: number) => input.withheld?.has(uid) === true
  const poolRao = sum(serverRao) > 0n ? input.validatorRao : input.validatorRao + input.serverRao
  return {
    minerPaidRao: serverRao.map((rao, uid) => (withheld(uid) ? 0n : rao)),
    burnedRao: sum(serverRao.filter((_, uid) => withheld(uid))),
    validatorPaidRao: validatorRao.map((rao, uid) => {
      const pay = mul(poolRao << 32n, div(rao, sum(validatorRao)))
      const take = mul(ofU16(input.take?.[uid] ?? 11_796), pay)
      return (take >> 32n) + ((pay - take) >> 32n)
    }),
  }
}

function dense(n: number, rows: readonly Row[]): Matrix {
  return Array.from({ length: n }, (_, i) => {
    const values = Array.from({ length: n }, () => 0n)
    const seen = new Set<number>()
    for (const [j, value] of rows[i] ?? []) {
      if (seen.has(j)) throw new Error(`row ${i} names uid ${j} twice`)
      seen.add(j)
      if (j < n) values[j] = BigInt(value) << 32n
    }
    return values
  })
}

/** Each column divided by a number of its own; a column whose number is zero stays. */
function byColumn(matrix: Matrix, measure: (column: bigint[]) => bigint): Matrix {
  const divisors = matrix.map((_, j) => measure(matrix.map((row) => row[j] ?? 0n)))
  return matrix.map((row) => row.map((value, j) => (divisors[j] === 0n ? value : div(value, divisors[j] ?? 0n))))
}

function cell(matrix: Matrix, i: number, j: number): bigint {
  return matrix[i]?.[j] ?? 0n
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
