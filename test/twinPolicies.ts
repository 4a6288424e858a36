import { definePolicy, type HookContext, type HookPools, type HookReward } from 'epochdiff'

// Every policy of runtime-patches/policies a second time, as a hook, with the same roundings to the last bit: the param
// `policy` says which, the others are the policy's own.

type Weights = readonly bigint[]

/** One pool: amounts by uid, and what the rules read. */
interface Pool {
  readonly role: 'miner' | 'validator'
  readonly amounts: readonly bigint[]
  readonly performance: readonly bigint[]
  readonly stake: readonly bigint[]
}

const billion = 1_000_000_000n
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)
const most = (values: readonly bigint[]): bigint => values.reduce((max, value) => (value > max ? value : max), 0n)
const at = (values: readonly bigint[], index: number): bigint => values[index] ?? 0n

/** A decimal in steps of 1 / `steps`. */
function steps(ctx: HookContext, name: string, perOne: number): bigint {
  return BigInt(Math.round(Number(ctx.params[name]) * perOne))
}

/** The total in proportion to weights by the largest remainder, compared to 2^-64 of a rao; the lowest index first. */
function apportion(total: bigint, weights: readonly bigint[]): bigint[] {
  const all = sum(weights)
  if (all === 0n) return weights.map(() => 0n)
  const portions = weights.map((weight) => ((total << 64n) * weight) / all)
  const paid = portions.map((portion) => portion >> 64n)
  const remainder = (index: number): bigint => BigInt.asUintN(64, at(portions, index))
  const order = weights.map((_, index) => index)
  order.sort((a, b) => {
    const [mine, theirs] = [remainder(a), remainder(b)]
    return mine === theirs ? a - b : mine > theirs ? -1 : 1
  })
  for (const index of order.slice(0, Number(total - sum(paid)))) paid[index] = at(paid, index) + 1n
  return paid
}

/** Squares a number in 1..2, in steps of 2^-63; the next bit of its logarithm and what is left. */
function double(number: bigint): [bit: bigint, number: bigint] {
  const square = number * number
  return square >> 127n === 1n ? [1n, square >> 64n] : [0n, square >> 63n]
}

/** In steps of 2^-64, rounded down bit by bit. */
function log2(value: bigint): bigint {
  const whole = BigInt(value.toString(2).length - 1)
  let number = whole > 63n ? value >> (whole - 63n) : value << (63n - whole)
  let log = whole
  for (let place = 0; place < 64; place += 1) {
    const [bit, rest] = double(number)
    log = (log << 1n) | bit
    number = rest
  }
  return log
}

function isAbove(given: bigint, log: bigint): boolean {
  let number = given
  for (let place = 63n; place >= 0n; place -= 1n) {
    const [bit, rest] = double(number)
    const other = (log >> place) & 1n
    if (bit !== other) return bit === 1n
    number = rest
  }
  return false
}

function exp2(log: bigint): bigint {
  const fraction = BigInt.asUintN(64, log)
  let number = 1n << 63n
  for (let place = 62n; place >= 0n; place -= 1n) {
    const larger = number | (1n << place)
    if (!isAbove(larger, fraction)) number = larger
  }
  const whole = log >> 64n
  return whole <= 63n ? number >> (63n - whole) : number << (whole - 63n)
}

function stakeCap(ctx: HookContext, weights: Weights): bigint[] {
  const percentile = steps(ctx, 'percentile', 10_000_000)
  const thresholdRao = ctx.storage.get('SubtensorModule', 'StakeThreshold') as bigint
  const permits = ctx.storage.get('SubtensorModule', 'ValidatorPermit', ctx.netuid) as readonly boolean[]
  const inScope = (uid: number): boolean =>
    ctx.params['scope'] === 'all' || (permits[uid] === true && at(weights, uid) >> 64n >= thresholdRao)
  const counted = weights.filter((weight, uid) => weight > 0n && inScope(uid))
  if (percentile === billion || counted.length === 0) return [...weights]
  counted.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const rank = (BigInt(counted.length) * percentile + billion - 1n) / billion
  const cap = at(counted, Number(rank) - 1)
  return weights.map((weight) => (weight < cap ? weight : cap))
}

function stakePower(ctx: HookContext, weights: Weights): bigint[] {
  const theta = steps(ctx, 'theta', 1e9)
  const largest = most(weights)
  if (theta === billion || largest === 0n) return [...weights]
  const top = log2(largest)
  return weights.map((weight) => {
    if (weight <= 0n || weight >= largest) return weight
    const raised = exp2((top * (billion - theta) + log2(weight) * theta) / billion)
    return raised < weight ? weight : raised > largest ? largest : raised
  })
}

function performanceWeighted(ctx: HookContext, { amounts, performance }: Pool): bigint[] {
  const lambda = steps(ctx, 'lambda', 1e9)
  const [total, all] = [sum(amounts), sum(performance)]
  if (all === 0n || lambda === 0n) return [...amounts]
  const weights = amounts.map(
    (amount, uid) => amount * all * (billion - lambda) + total * at(performance, uid) * lambda,
  )
  return apportion(total, weights)
}

function trustBonus(ctx: HookContext, { amounts, performance }: Pool): bigint[] {
  const beta = steps(ctx, 'beta', 1e8)
  const weights = amounts.map((amount, uid) => amount * (65_535n * 100_000_000n + at(performance, uid) * beta))
  return apportion(sum(amounts), weights)
}

/** `mix` of the pool by products, given by their logarithms and one; 0 is a product of 0. */
function blendByLogs(ctx: HookContext, amounts: readonly bigint[], logs: readonly bigint[]): bigint[] {
  const mix = steps(ctx, 'mix', 1e9)
  const [total, largest] = [sum(amounts), most(logs)]
  if (mix === 0n || largest === 0n) return [...amounts]
  const top = 100n << 64n
  const products = logs.map((log) => (log === 0n || largest - log > top ? 0n : exp2(top - (largest - log))))
  const shares = apportion(total, products)
  return apportion(
    total,
    amounts.map((amount, uid) => at(shares, uid) * mix + amount * (billion - mix)),
  )
}

/** exponent log2 factor, in steps of 2^-64 10^-8; none where the power is 0. */
function scaledLog(exponent: bigint, factor: bigint): bigint | undefined {
  if (exponent === 0n) return 0n
  return factor === 0n ? undefined : log2(factor) * exponent
}

function composite(ctx: HookContext, { role, amounts, performance, stake }: Pool): bigint[] {
  const a = steps(ctx, role === 'miner' ? 'aMiner' : 'a', 1e8)
  const b = steps(ctx, 'b', 1e8)
  const logs = amounts.map((_, uid) => {
    const [held, done] = [scaledLog(a, at(stake, uid)), scaledLog(b, at(performance, uid))]
    return held === undefined || done === undefined ? 0n : (held + done) / 100_000_000n + 1n
  })
  return blendByLogs(ctx, amounts, logs)
}

function aiarena(ctx: HookContext, { role, amounts, performance, stake }: Pool): bigint[] {
  const alpha = steps(ctx, role === 'miner' ? 'alphaMiner' : 'alpha', 1e8)
  const step = log2(billion) - log2(steps(ctx, 'decay', 1e9))
  const logs = amounts.map((_, uid) => {
    const done = at(performance, uid)
    const held = scaledLog(alpha, at(stake, uid))
    if (done === 0n || held === undefined) return 0n
    const better = performance.filter((other) => other > done).length
    const grade = role === 'miner' ? step * BigInt(amounts.length - better) : log2(done)
    return grade + held / 100_000_000n + 1n
  })
  return blendByLogs(ctx, amounts, logs)
}

/** What is beyond half of the epoch goes to miners. */
function roleSplit(ctx: HookContext, { epochRao, serverRao }: HookPools): bigint {
  return serverRao + (epochRao * (2n * steps(ctx, 'miner', 1e9) - billion)) / (2n * billion)
}

/** The pools by the roles' stake, as the epoch has stored it. */
function aiarenaPools(ctx: HookContext, { serverRao, validatorRao }: HookPools): bigint {
  const [gamma, mix] = [steps(ctx, 'gamma', 1e9), steps(ctx, 'mix', 1e9)]
  const stakes = ctx.storage.get('SubtensorModule', 'StakeWeight', ctx.netuid) as readonly number[]
  const held = (permitted: boolean) =>
    sum(ctx.uids.map(({ uid, validatorPermit }) => BigInt(validatorPermit === permitted ? (stakes[uid] ?? 0) : 0)))
  const [miners, validators] = [held(false), held(true)]
  const stake = miners + validators
  if (ctx.params['pool'] !== 'both' || stake === 0n || mix === 0n) return serverRao
  const total = serverRao + validatorRao
  const parts = [miners, validators].map((own) => gamma * stake + (billion - 2n * gamma) * own)
  const rule = apportion(total, parts)
  const blend = (today: bigint, index: number): bigint => today * (billion - mix) + at(rule, index) * mix
  return at(apportion(total, [serverRao, validatorRao].map(blend)), 0)
}

const ofStake: Readonly<Record<string, (ctx: HookContext, weights: Weights) => bigint[]>> = {
  'stake-cap': stakeCap,
  'stake-power': stakePower,
}
const ofPools: Readonly<Record<string, (ctx: HookContext, pool: Pool) => bigint[]>> = {
  'performance-weighted': performanceWeighted,
  'trust-bonus': trustBonus,
  composite,
  aiarena,
}

const betweenPools: Readonly<Record<string, (ctx: HookContext, pools: HookPools) => bigint>> = {
  'role-split': roleSplit,
  aiarena: aiarenaPools,
}

export const policy = definePolicy({
  name: 'twin',

  stakeWeights(ctx, weights) {
    return ofStake[String(ctx.params['policy'])]?.(ctx, weights) ?? weights
  },

  rolePools(ctx, pools) {
    const serverRao = betweenPools[String(ctx.params['policy'])]?.(ctx, pools) ?? pools.serverRao
    return { serverRao, validatorRao: pools.serverRao + pools.validatorRao - serverRao }
  },

  epochRewards(ctx, rewards) {
    const rule = ofPools[String(ctx.params['policy'])]
    if (rule === undefined) return rewards
    const pool = (role: Pool['role'], amount: (row: HookReward) => bigint, score: (row: HookReward) => number) => {
      const amounts = rewards.map(amount)
      if (ctx.params['pool'] !== 'both' && ctx.params['pool'] !== role) return amounts
      const numbers = (read: (row: HookReward) => number) => rewards.map((row) => BigInt(read(row)))
      return rule(ctx, { role, amounts, performance: numbers(score), stake: numbers((row) => row.stakeWeight) })
    }
    const miners = pool(
      'miner',
      (row) => row.serverRao,
      (row) => row.consensus,
    )
    const validators = pool(
      'validator',
      (row) => row.validatorRao,
      (row) => row.validatorTrust,
    )
    return rewards.map(({ uid }) => ({ uid, serverRao: at(miners, uid), validatorRao: at(validators, uid) }))
  },
})
