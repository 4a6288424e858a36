import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { EpochVectors, RewardEntry } from '../harness/ledger/ledger.js'
import { parseRunResult, type RunResult } from '../harness/report/runResult.js'
import { checkPolicyParams } from '../harness/runtime/policies.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { epochInput, paidByUid, vectorsOf } from './epochInput.js'
import { exponential, naturalLog } from './exactPower.js'
import { independentYuma } from './independentYuma.js'
import { openSn31Replay, type ReplayedEpoch, type Sn31Replay } from './replaySn31.js'
import { apportion, totalOf } from './rewardCase.js'
import { runCli } from './runCli.js'

// What each policy does to two epochs of subnet 31: `epochdiff run` has to pass its own checks, and to print what comes out
// of a second implementation of the epoch with the policy's definition in plain integers.

const epochs = 2
/** Amounts that the chain and the second implementation may differ by, for their roundings. */
const slackRao = 2n

type Pools = { readonly minerRao: readonly bigint[]; readonly validatorRao: readonly bigint[] }

interface PolicyCase {
  readonly patches: readonly PolicyPatch[]
  /** The definition at `stake_weights`, in the steps of the chain's stake weights: a share of stake counts 2^-32, so that
   *  a part of a rao can move a share by 2^-32 of the pool, which is more than the amounts may differ by. */
  readonly stakes?: (steps: readonly bigint[]) => bigint[]
  /** The definition at `epoch_rewards`, by the vectors that the chain stored in the epoch: a unit of 65535 in those would be
   *  more than the amounts may differ by. */
  readonly pools?: (pools: Pools, vectors: EpochVectors) => Pools
  /** Rao that move from validators to miners, of what the block's pools hold. */
  readonly moved?: (held: { minersRao: bigint; validatorsRao: bigint }, vectors: EpochVectors) => bigint
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
function movedByStake(
  { minersRao, validatorsRao }: { minersRao: bigint; validatorsRao: bigint },
  { stakeWeight, validatorPermit }: EpochVectors,
): bigint {
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

const power = checkPolicyParams('stake-power', { theta: 0.7 })
const composite = checkPolicyParams('composite', { a: 0.6, b: 1.5, mix: 0.8 })
const trust = checkPolicyParams('trust-bonus', { beta: 2.5 })
const aiarena = checkPolicyParams('aiarena', { gamma: 0.125, decay: 0.75, mix: 0.25 })

const cases: Readonly<Record<string, PolicyCase>> = {
  'stake-power': { patches: [power], stakes: byPower },
  composite: { patches: [composite], pools: inBothPools(byComposite) },
  'trust-bonus': { patches: [trust], pools: inBothPools(byTrust) },
  aiarena: { patches: [aiarena], pools: inBothPools(byGrades), moved: movedByStake },
  'stake-power, then composite, then trust-bonus': {
    patches: [power, composite, trust],
    stakes: byPower,
    pools: inBothPools((pool) => byTrust({ ...pool, rao: byComposite(pool) })),
  },
}

const furthestRao = (ours: readonly bigint[], theirs: readonly bigint[]) => {
  expect(ours).toHaveLength(theirs.length)
  const distances = ours.map((amount, uid) => amount - (theirs[uid] ?? 0n)).map((rao) => (rao < 0n ? -rao : rao))
  return distances.reduce((max, rao) => (rao > max ? rao : max), 0n)
}

const furthest = (ours: readonly number[], theirs: readonly number[]) => {
  expect(ours).toHaveLength(theirs.length)
  return Math.max(...ours.map((value, uid) => Math.abs(value - (theirs[uid] ?? NaN))))
}

let replay: Sn31Replay
let folder: string
beforeAll(async () => {
  replay = await openSn31Replay()
  folder = await mkdtemp(join(tmpdir(), 'epochdiff-policies-'))
})
afterAll(async () => {
  await replay.close()
  await rm(folder, { recursive: true })
})

async function runCommand(patches: readonly PolicyPatch[]): Promise<RunResult> {
  const file = join(folder, 'scenario.yaml')
  const scenario = {
    version: 1,
    name: 'policy',
    title: 'A policy alone',
    description: 'Made for a test.',
    fork: fileURLToPath(new URL('../scenarios/sn31.fork.yaml', import.meta.url)),
    runtime: 'reference',
    subnets: [31],
    replay: { epochs, mode: 'jump' },
    patches: patches.map(({ kind, policy, params }) => ({ kind, policy, ...params })),
  }
  await writeFile(file, stringify(scenario))
  const { exitCode, stdout, stderr } = await runCli(['run', file, '--json'])
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`)
  return parseRunResult(stdout)
}

/** Stakes and their threshold in steps of 2^-64 rao: the epoch takes the proportions alone. */
function inSteps(input: ReturnType<typeof epochInput>): typeof input {
  const { stakeThresholdRao } = input.params
  return {
    ...input,
    params: { ...input.params, stakeThresholdRao: stakeThresholdRao << 64n },
    stakeRao: input.stakeRao.map((rao) => rao << 64n),
  }
}

/** What an epoch of the candidate pays, computed again. */
function computeAgain(epoch: ReplayedEpoch, { stakes, pools, moved }: PolicyCase): Pools {
  const input = inSteps(epochInput(replay, epoch))
  const again = independentYuma({ ...input, stakeRao: stakes?.(input.stakeRao) ?? input.stakeRao })
  const vectors = vectorsOf(epoch.ledger)
  for (const name of ['incentive', 'dividends', 'consensus', 'validatorTrust', 'stakeWeight'] as const) {
    expect(furthest(vectors[name], again[name])).toBeLessThanOrEqual(1)
  }
  expect(vectors.validatorPermit).toEqual(again.permits)
  const movedRao = moved?.({ minersRao: input.serverRao, validatorsRao: input.validatorRao }, vectors) ?? 0n
  if (moved !== undefined) expect(movedRao).not.toBe(0n)
  const withMoved = apportion(totalOf(again.serverRao) + movedRao, again.serverRao)
  const today = { minerRao: withMoved, validatorRao: again.validatorRao }
  const { minerRao, validatorRao } = pools?.(today, vectors) ?? today
  // The chain pays validators by proportions that count 2^-32, which alone take some 30 rao off a share.
  const proportions = validatorRao.map((rao) => (rao << 32n) / totalOf(validatorRao))
  return {
    minerRao,
    validatorRao: proportions.map((proportion) => (proportion * (input.validatorRao - movedRao)) >> 32n),
  }
}

/** By role and account, over all epochs. */
function totals(entries: readonly Pick<RewardEntry, 'role' | 'hotkey' | 'coldkey' | 'alphaRao'>[]) {
  const paid = new Map<string, bigint>()
  for (const { role, hotkey, coldkey, alphaRao } of entries) {
    const account = `${role} ${hotkey} ${coldkey}`
    paid.set(account, (paid.get(account) ?? 0n) + alphaRao)
  }
  return new Map([...paid].filter(([, alphaRao]) => alphaRao > 0n).sort())
}

describe.each(Object.entries(cases))('%s', (_, policyCase) => {
  let result: RunResult
  let candidate: ReplayedEpoch[]
  beforeAll(async () => {
    result = await runCommand(policyCase.patches)
    candidate = await replay.arm(policyCase.patches, epochs)
  }, 240_000)

  it('passes the checks of a run, conservation among them, after a neutral weave gave the same bytes', () => {
    expect(result.checks.filter(({ level }) => level === 'error')).toEqual([])
    for (const arm of ['baseline', 'candidate']) {
      for (const name of ['conservation: credited', 'conservation: unpaid']) {
        expect(result.checks).toContainEqual(expect.objectContaining({ name: `${name} (${arm})`, level: 'pass' }))
      }
    }
    expect(result.rewards.isEmpty).toBe(false)
  })

  it('pays in each epoch what its definition says, within 2 rao', () => {
    expect(candidate).toHaveLength(epochs)
    for (const epoch of candidate) {
      const again = computeAgain(epoch, policyCase)
      expect(furthestRao(paidByUid(epoch, 'miner'), again.minerRao)).toBeLessThanOrEqual(slackRao)
      expect(furthestRao(paidByUid(epoch, 'validator'), again.validatorRao)).toBeLessThanOrEqual(slackRao)
    }
  })

  it('pays what the command prints', () => {
    const entries = candidate.flatMap(({ ledger }) => ledger.entries)
    const printed = result.rewards.accounts.map(({ role, hotkey, coldkey, candidateRao }) => ({
      role,
      hotkey,
      coldkey,
      alphaRao: BigInt(candidateRao),
    }))
    expect(totals(printed)).toEqual(totals(entries))
  })

  it('is told from no policy', () => {
    const [first] = candidate
    if (first === undefined) throw new Error('no epoch')
    const { minerPaidRao, validatorPaidRao } = independentYuma(epochInput(replay, first))
    const apart = [
      furthestRao(paidByUid(first, 'miner'), minerPaidRao),
      furthestRao(paidByUid(first, 'validator'), validatorPaidRao),
    ]
    expect(Math.max(...apart.map(Number))).toBeGreaterThan(1_000_000 * Number(slackRao))
  })
})
