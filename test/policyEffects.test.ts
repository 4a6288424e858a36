import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { RewardEntry } from '../harness/ledger/ledger.js'
import { parseRunResult, type RunResult } from '../harness/report/runResult.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { epochInput, paidByUid, vectorsOf } from './epochInput.js'
import { independentYuma } from './independentYuma.js'
import { grantedBy, policyCases, type PolicyCase, type Pools } from './policyCases.js'
import { openSn31Replay, type ReplayedEpoch, type Sn31Replay } from './replaySn31.js'
import { totalOf } from './rewardCase.js'
import { runCli } from './runCli.js'

// What each policy does to two epochs of subnet 31: `epochdiff run` has to pass its own checks, and to print what comes out
// of a second implementation of the epoch with the policy's definition in plain integers.

const epochs = 2
/** Amounts that the chain and the second implementation may differ by, for their roundings. */
const slackRao = 2n

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
function computeAgain(epoch: ReplayedEpoch, policyCase: PolicyCase): Pools {
  const input = inSteps(epochInput(replay, epoch))
  const vectors = vectorsOf(epoch.ledger)
  const held = {
    epochRao: input.serverRao + input.validatorRao,
    minersRao: input.serverRao,
    validatorsRao: input.validatorRao,
  }
  const { again, movedRao, pools } = grantedBy(policyCase, input, held, vectors)
  for (const name of ['incentive', 'dividends', 'consensus', 'validatorTrust', 'stakeWeight'] as const) {
    expect(furthest(vectors[name], again[name])).toBeLessThanOrEqual(1)
  }
  expect(vectors.validatorPermit).toEqual(again.permits)
  if (policyCase.moved !== undefined) expect(movedRao).not.toBe(0n)
  const { minerRao, validatorRao } = pools
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

/** Of the others `stakeCapEffect.test.ts` and `validatorPayouts.test.ts` tell. */
const names = [
  'stake-power',
  'composite',
  'trust-bonus',
  'aiarena',
  'stake-power, then composite, then trust-bonus',
] as const

describe.each(names)('%s', (name) => {
  const policyCase: PolicyCase = policyCases[name]
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
