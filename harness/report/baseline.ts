import { createHash } from 'node:crypto'
import { z } from 'zod'
import { baselineUnreadable } from '../errors/regression.js'
import { resultMetrics } from './resultMetrics.js'
import type { RunResult } from './runResult.js'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** A kept result, version 1: what a later run of the same scenario is compared with. Small enough for a repository. */
const baselineSchema = z.strictObject({
  baselineVersion: z.literal(1),
  scenario: z.strictObject({ name: z.string(), sha256 }),
  block: z.string(),
  runtimes: z.strictObject({ baseline: sha256, candidate: sha256 }),
  /** Of every amount paid to every account in every epoch of both arms. */
  rewardsSha256: sha256,
  /** Level by name of check. */
  checks: z.record(z.string(), z.enum(['pass', 'info', 'warning', 'error'])),
  /** By netuid, then by name as in expectations; null: no value. */
  metrics: z.record(z.string(), z.record(z.string(), z.number().nullable())),
})

export type Baseline = z.infer<typeof baselineSchema>

/** What is kept of a result. */
export function baselineOf(result: RunResult): Baseline {
  const { scenario, fork, runtimes, checks } = result
  const metrics = [...resultMetrics(result)].map(([netuid, values]) => {
    return [String(netuid), Object.fromEntries([...values].map(([name, value]) => [name, value ?? null]))]
  })
  return {
    baselineVersion: 1,
    scenario: { name: scenario.name, sha256: scenario.sha256 },
    block: fork.block.hash,
    runtimes: { baseline: runtimes.baseline.sha256, candidate: runtimes.candidate.sha256 },
    rewardsSha256: rewardsSha256(result),
    checks: Object.fromEntries(checks.map(({ name, level }) => [name, level])),
    metrics: Object.fromEntries(metrics) as Baseline['metrics'],
  }
}

function rewardsSha256({ rewards, ledger }: RunResult): string {
  const hash = createHash('sha256')
  rewards.accounts.forEach(({ netuid, role, hotkey, coldkey }, i) => {
    hash.update(`${JSON.stringify([netuid, role, hotkey, coldkey, ledger[i]?.baselineRao, ledger[i]?.candidateRao])}\n`)
  })
  return hash.digest('hex')
}

export function serialiseBaseline(baseline: Baseline): string {
  return `${JSON.stringify(baselineSchema.parse(baseline), null, 2)}\n`
}

/** @throws E621 */
export function parseBaseline(text: string, file: string): Baseline {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw baselineUnreadable({ file, reason: 'it is not JSON' }, { cause })
  }
  const parsed = baselineSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw baselineUnreadable({ file, reason: `${issue?.path.join('.')}: ${issue?.message}` })
}
