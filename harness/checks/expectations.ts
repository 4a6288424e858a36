import { roles } from '../diff/diffLedgers.js'
import { metricUnknown } from '../errors/checks.js'
import { concentrationMetrics } from '../metrics/concentration.js'
import type { Check } from './check.js'

/** What a scenario expects of its own run. */
export interface Expectation {
  /** A name of `metricValues`. */
  readonly metric: string
  /** Every subnet of the run if left out. */
  readonly subnet?: number | undefined
  /** `=` within the tolerance; an inequality may be missed by the tolerance. */
  readonly op: '<' | '<=' | '=' | '>=' | '>'
  readonly value: number
  /** In the unit of the metric, >= 0; 0 if left out. */
  readonly tolerance?: number | undefined
}

type Arm = Readonly<Record<(typeof concentrationMetrics)[number], number | null | undefined>>

/** What the metrics are of: the concentrations of a run, whose metrics of nothing are undefined (in a result null). */
interface Concentrated {
  readonly netuid: number
  readonly distribution: string
  readonly unit: string
  readonly baseline: Arm
  readonly candidate: Arm
}

/** What the metrics are of: the differences of a run, by role and of the accounts that gain or lose. */
interface Differences {
  readonly roles: readonly {
    readonly netuid: number
    readonly role: string
    readonly baselineRao: bigint
    readonly candidateRao: bigint
  }[]
  readonly winners: readonly { readonly netuid: number; readonly changeRao: bigint }[]
  readonly losers: readonly { readonly netuid: number; readonly changeRao: bigint }[]
}

/** Every name of `metricValues`. */
const metricNames: readonly string[] = [
  ...['baseline', 'candidate', 'change'].flatMap((arm) => [
    ...['stakeWeights', 'rewards'].flatMap((distribution) =>
      ['hotkey', 'coldkey'].flatMap((unit) =>
        concentrationMetrics.map((metric) => `${arm}.${distribution}.${unit}.${metric}`),
      ),
    ),
    ...roles.map((role) => `${arm}.paid.${role}`),
  ]),
  'winners',
  'losers',
  'gained',
  'lost',
]

/** The numbers an expectation can name, of one subnet; `undefined` where the distribution is empty:
 *  - `<arm>.<distribution>.<unit>.<metric>`: arm baseline, candidate or change (candidate - baseline); distribution stakeWeights or
 *    rewards; unit hotkey or coldkey; metric gini, hhi, nakamoto, top1, top10, coalition51Count, coalition51Share
 *  - `<arm>.paid.<role>`: alpha paid over the run
 *  - `winners`, `losers`: accounts that gain or lose in a role
 *  - `gained`, `lost`: alpha by which all winners gain, and all losers lose (both positive) */
export function metricValues(
  netuid: number,
  concentrations: readonly Concentrated[],
  diff: Differences,
): ReadonlyMap<string, number | undefined> {
  const values = new Map<string, number | undefined>()
  const set = (name: string, baseline: number | undefined, candidate: number | undefined) => {
    values.set(`baseline.${name}`, baseline)
    values.set(`candidate.${name}`, candidate)
    values.set(`change.${name}`, baseline === undefined || candidate === undefined ? undefined : candidate - baseline)
  }
  for (const { distribution, unit, baseline, candidate } of concentrations.filter((c) => c.netuid === netuid)) {
    for (const metric of concentrationMetrics) {
      set(`${distribution}.${unit}.${metric}`, baseline[metric] ?? undefined, candidate[metric] ?? undefined)
    }
  }
  for (const { role, baselineRao, candidateRao } of diff.roles.filter((change) => change.netuid === netuid)) {
    set(`paid.${role}`, alpha(baselineRao), alpha(candidateRao))
  }
  const winners = diff.winners.filter((account) => account.netuid === netuid)
  const losers = diff.losers.filter((account) => account.netuid === netuid)
  values.set('winners', winners.length)
  values.set('losers', losers.length)
  values.set('gained', alpha(winners.reduce((sum, { changeRao }) => sum + changeRao, 0n)))
  values.set('lost', alpha(losers.reduce((sum, { changeRao }) => sum - changeRao, 0n)))
  return values
}

/** So that a run is not made for an expectation that nothing can answer.
 *  @param netuids of the run
 *  @throws E602 for a metric that no run has, or a subnet that this run has not */
export function requireKnownMetrics(expectations: readonly Expectation[], netuids: readonly number[]): void {
  for (const { metric, subnet } of expectations) {
    if (!metricNames.includes(metric)) throw metricUnknown({ metric, known: metricNames })
    if (subnet !== undefined && !netuids.includes(subnet)) {
      throw metricUnknown({
        metric: `${metric} of subnet ${subnet}`,
        known: netuids.map((n) => `${metric} of subnet ${n}`),
      })
    }
  }
}

/** One check an expectation and subnet: pass or error.
 *  @param valuesOf `metricValues` by netuid
 *  @throws E602 as `requireKnownMetrics` */
export function checkExpectations(
  expectations: readonly Expectation[],
  valuesOf: ReadonlyMap<number, ReadonlyMap<string, number | undefined>>,
): Check[] {
  requireKnownMetrics(expectations, [...valuesOf.keys()])
  return expectations.flatMap((expectation) => {
    const { metric, subnet, op, value, tolerance = 0 } = expectation
    const netuids = subnet === undefined ? [...valuesOf.keys()] : [subnet]
    return netuids.map((netuid): Check => {
      const seen = valuesOf.get(netuid)?.get(metric)
      const holds = seen !== undefined && compare[op](seen, value, tolerance)
      const missed =
        seen === undefined ? 'It has no value: nobody holds anything.' : `It misses by ${Math.abs(seen - value)}.`
      return {
        name: `expectation: ${metric} (subnet ${netuid})`,
        level: holds ? 'pass' : 'error',
        seen: seen === undefined ? 'no value' : String(seen),
        expected: `${op} ${value}${tolerance === 0 ? '' : ` within ${tolerance}`}`,
        why: holds ? 'As the scenario expects.' : missed,
      }
    })
  })
}

const compare: Record<Expectation['op'], (seen: number, value: number, tolerance: number) => boolean> = {
  '<': (seen, value, tolerance) => seen < value + tolerance,
  '<=': (seen, value, tolerance) => seen <= value + tolerance,
  '=': (seen, value, tolerance) => Math.abs(seen - value) <= tolerance,
  '>=': (seen, value, tolerance) => seen >= value - tolerance,
  '>': (seen, value, tolerance) => seen > value - tolerance,
}

/** Nearest double: an expectation states decimals; exact amounts are in the result. */
function alpha(rao: bigint): number {
  return Number(rao) / 1e9
}
