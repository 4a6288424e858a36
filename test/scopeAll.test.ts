import { beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochVectors, RewardEntry, Role } from '../harness/ledger/ledger.js'
import { openSn31Replay } from './replaySn31.js'
import { runForResult } from './runResult.js'

// A percentile over every uid with stake falls among miners' dust on subnet 31: all validators come to count alike. The report
// has to say so, and what that does to consensus and to pay; its numbers are computed here again from the epochs' outputs.

const epochs = 3
const cap = { kind: 'policy', policy: 'stake-cap', params: { percentile: 88, scope: 'all' } } as const

interface Outcome {
  readonly vectors: readonly EpochVectors[]
  readonly entries: readonly RewardEntry[]
}

let baseline: Outcome
let candidate: Outcome
let check: { level: string; seen: string; why: string }
let report: string

beforeAll(async () => {
  const replay = await openSn31Replay()
  const outcome = async (patches: readonly (typeof cap)[]): Promise<Outcome> => {
    const replayed = await replay.arm(patches, epochs)
    return {
      vectors: replayed.flatMap(({ ledger }) => ledger.vectors),
      entries: replayed.flatMap(({ ledger }) => ledger.entries),
    }
  }
  baseline = await outcome([])
  candidate = await outcome([cap])
  await replay.close()

  const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
  const args = ['scenarios/sn31-stake-cap-88.yaml', '--set', 'stake-cap.scope=all', '--epochs', String(epochs)]
  const { result } = await runForResult([...args, '--out', folder])
  report = readFileSync(join(folder, 'report.txt'), 'utf8').replaceAll(/\s+/g, ' ')
  rmSync(folder, { recursive: true })
  const [found, ...others] = result.checks.filter(({ name }) => name === 'consensus (subnet 31)')
  if (found === undefined || others.length > 0) throw new Error('not one check of consensus')
  check = found
}, 240_000)

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]) => sum(values) / values.length
const percent = (part: number) => `${(part * 100).toFixed(1)} %`

/** Stake weights of the uids with a permit, activity and stake weight, u16. */
const voting = ({ stakeWeight, validatorPermit, active }: EpochVectors) =>
  stakeWeight.filter((weight, uid) => weight > 0 && validatorPermit[uid] === true && active[uid] === true)

/** One number when it is the same in every epoch. */
function always(values: readonly number[]): number {
  const [value, ...others] = [...new Set(values)]
  if (value === undefined || others.length > 0) throw new Error(`not one value: ${values.join(', ')}`)
  return value
}

/** Paid in the candidate per rao paid in the baseline, and what accounts gain per rao. */
function pay(roles: readonly Role[]): { paid: number; moved: number } {
  const byAccount = ({ entries }: Outcome) => {
    const accounts = new Map<string, number>()
    for (const { role, hotkey, coldkey, alphaRao } of entries) {
      const account = `${hotkey}/${coldkey}`
      if (roles.includes(role)) accounts.set(account, (accounts.get(account) ?? 0) + Number(alphaRao))
    }
    return accounts
  }
  const [before, after] = [byAccount(baseline), byAccount(candidate)]
  const total = sum([...before.values()])
  const gains = [...after].map(([account, rao]) => Math.max(0, rao - (before.get(account) ?? 0)))
  return { paid: sum([...after.values()]) / total, moved: sum(gains) / total }
}

describe('the stake cap over all uids of subnet 31', () => {
  it('makes every validator count the same, and warns of it', () => {
    const [before, after] = [baseline, candidate].map(({ vectors }) => vectors.map(voting))
    for (const weights of after ?? []) expect(new Set(weights).size).toBe(1)
    for (const weights of before ?? []) expect(new Set(weights).size).toBeGreaterThan(weights.length / 2)
    const [validators, sharing] = [before, after].map((arm) => ({
      count: always((arm ?? []).map((weights) => weights.length)),
      largest: always((arm ?? []).map((weights) => weights.filter((weight) => weight === Math.max(...weights)).length)),
    }))
    expect(check.level).toBe('warning')
    expect(check.seen).toContain(`${validators?.count} -> ${sharing?.count} validators vote`)
    expect(check.seen).toContain(`${validators?.largest} -> ${sharing?.largest} of them share the largest stake weight`)
    expect(sharing?.largest).toBe(sharing?.count)
    expect(check.why).toContain(
      `In ${epochs} of ${epochs} epochs the candidate gives every validator that votes the same`,
    )
  })

  it('states what becomes of consensus', () => {
    const sums = ({ vectors }: Outcome, output: 'consensus' | 'incentive') =>
      mean(vectors.map((vector) => sum(vector[output]) / 65_535)).toFixed(4)
    for (const output of ['consensus', 'incentive'] as const) {
      expect(check.seen).toMatch(
        new RegExp(`sum of ${output}\\)? ${sums(baseline, output)} -> ${sums(candidate, output)}`, 'i'),
      )
    }
    const losers = new Set<string>()
    const all = new Set<string>()
    baseline.vectors.forEach(({ hotkeys, consensus }, epoch) => {
      hotkeys.forEach((hotkey, uid) => {
        if ((consensus[uid] ?? 0) === 0) return
        all.add(hotkey)
        expect(candidate.vectors[epoch]?.hotkeys[uid]).toBe(hotkey)
        if (candidate.vectors[epoch]?.consensus[uid] === 0) losers.add(hotkey)
      })
    })
    expect(check.seen).toContain(`${losers.size} of ${all.size} miners with consensus lose all of it in some epoch`)
  })

  it('states what becomes of pay', () => {
    const [miners, validators] = [pay(['miner', 'burned']), pay(['validator', 'nominator', 'root'])]
    const text = ({ paid, moved }: typeof miners) =>
      `${percent(paid)} of what the baseline pays them (${percent(moved)} goes to other accounts than there)`
    expect(check.seen).toContain(
      `miners together are paid ${text(miners)}, validators, nominators and root ${text(validators)}`,
    )
    expect(validators.moved).toBeGreaterThan(0.1)
    const unpaid = ({ vectors }: Outcome) => vectors.filter(({ incentive }) => sum(incentive) === 0).length
    expect(check.seen).toContain(`epochs that pay no miner: ${unpaid(baseline)} -> ${unpaid(candidate)}`)
  })

  it('states why: how much stake weight agrees, and how much consensus needs', () => {
    const agreeing = ({ vectors }: Outcome) =>
      percent(
        mean(
          vectors.map((vector, epoch) => {
            const counts = baseline.vectors[epoch]?.validatorTrust ?? []
            const muted = {
              ...vector,
              stakeWeight: vector.stakeWeight.map((w, uid) => ((counts[uid] ?? 0) > 0 ? w : 0)),
            }
            return sum(voting(muted)) / sum(voting(vector))
          }),
        ),
      )
    expect(check.why).toContain(
      `hold ${agreeing(baseline)} of the validators' stake weight there and ${agreeing(candidate)} under the candidate`,
    )
    expect(check.why).toContain('kappa, 50.0 %')
  })

  it('is reported in full', () => {
    expect(report).toContain(check.seen)
    expect(report).toContain(check.why)
  })
})
