import type { Check } from '../checks/check.js'
import { type Baseline, baselineOf } from './baseline.js'
import type { RunResult } from './runResult.js'

/** How far a metric may move from its kept value. */
export interface Tolerance {
  /** Name of a metric; `*` stands for any characters. */
  readonly metric: string
  /** In the unit of the metric. */
  readonly absolute?: number | undefined
  /** Part of the kept value's magnitude. */
  readonly relative?: number | undefined
}

/** How many metrics a check names. */
const named = 5

/** Whether a result is still what was kept: one check each for what was run, every subnet's metrics, the verdicts, the amounts.
 *  @param tolerances the first whose name fits a metric counts; a metric that none fits may not move
 *  @param kept `undefined` when nothing was kept yet: an error */
export function compareBaseline(
  kept: Baseline | undefined,
  result: RunResult,
  tolerances: readonly Tolerance[],
): Check[] {
  if (kept === undefined) {
    return [
      {
        name: 'kept result',
        level: 'error',
        seen: 'none',
        expected: 'a result kept in the repository',
        why: 'There is nothing to compare with: keep this one with --update.',
      },
    ]
  }
  const now = baselineOf(result)
  return [
    sameRun(kept, now),
    ...Object.keys({ ...kept.metrics, ...now.metrics }).map((netuid) => sameMetrics(netuid, kept, now, tolerances)),
    sameVerdicts(kept, now),
    sameAmounts(kept, now),
  ]
}

function sameRun(kept: Baseline, now: Baseline): Check {
  const runtimes = (['baseline', 'candidate'] as const).filter((arm) => kept.runtimes[arm] !== now.runtimes[arm])
  const name = 'kept result: what was run'
  const expected = 'the same scenario on the same block'
  if (kept.block !== now.block) {
    const why = 'The kept result answers another question: run with --update, and look at what changes.'
    return { name, level: 'error', seen: `a fork of block ${now.block}, not ${kept.block}`, expected, why }
  }
  if (kept.scenario.sha256 !== now.scenario.sha256) {
    const why = 'The metrics tell whether that moves rewards; run with --update to keep the new one.'
    return { name, level: 'warning', seen: 'the scenario is not the one that was kept', expected, why }
  }
  if (runtimes.length > 0) {
    const seen = `another runtime in the ${runtimes.join(' and ')}`
    return { name, level: 'info', seen, expected, why: 'The metrics tell whether that moves rewards.' }
  }
  return { name, level: 'pass', seen: 'the same scenario, block and runtimes', expected, why: 'They can be compared.' }
}

function sameMetrics(netuid: string, kept: Baseline, now: Baseline, tolerances: readonly Tolerance[]): Check {
  const [before, after] = [kept.metrics[netuid] ?? {}, now.metrics[netuid] ?? {}]
  const names = Object.keys({ ...before, ...after })
  const moved = names.filter((name) => before[name] !== after[name])
  const beyond = moved.filter((name) => !isWithin(name, before[name], after[name], tolerances))
  const common = { name: `kept result: metrics (subnet ${netuid})`, expected: 'every metric within its tolerance' }
  if (beyond.length === 0) {
    const seen =
      moved.length === 0 ? `${names.length} metrics, none moved` : `${moved.length} of ${names.length} metrics moved`
    return { ...common, level: 'pass', seen, why: 'Nothing moved further than it may.' }
  }
  const told = beyond.slice(0, named).map((name) => `${name} ${before[name] ?? 'none'} -> ${after[name] ?? 'none'}`)
  const more = beyond.length > named ? `; and ${beyond.length - named} more` : ''
  return {
    ...common,
    level: 'error',
    seen: told.join('; ') + more,
    why: 'The effect of the proposal is another than before. If that is meant, run with --update.',
  }
}

function isWithin(
  name: string,
  before: number | null | undefined,
  after: number | null | undefined,
  tolerances: readonly Tolerance[],
): boolean {
  const tolerance = tolerances.find(({ metric }) => fits(metric, name))
  if (typeof before !== 'number' || typeof after !== 'number' || tolerance === undefined) return false
  const { absolute = 0, relative = 0 } = tolerance
  return Math.abs(after - before) <= Math.max(absolute, relative * Math.abs(before))
}

function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

const order = ['pass', 'info', 'warning', 'error'] as const

function sameVerdicts(kept: Baseline, now: Baseline): Check {
  const changed = Object.entries(now.checks)
    .filter(([name, level]) => kept.checks[name] !== level)
    .map(([name, level]) => ({ name, before: kept.checks[name], level }))
  const gone = Object.keys(kept.checks).filter((name) => now.checks[name] === undefined)
  const worse = changed.filter(({ before, level }) => order.indexOf(level) > order.indexOf(before ?? 'info'))
  const told = [
    ...changed.map(({ name, before, level }) => `${name}: ${before ?? 'new'} -> ${level}`),
    ...gone.map((name) => `${name}: gone`),
  ]
  const failed = worse.length > 0 || gone.length > 0
  return {
    name: 'kept result: verdicts',
    level: failed ? 'error' : changed.length > 0 ? 'info' : 'pass',
    seen: told.join('; ') || 'the same verdicts',
    expected: 'no check with a worse verdict than before, and none gone',
    why: failed ? 'The run is less to be believed than before.' : 'The run is as much to be believed as before.',
  }
}

function sameAmounts(kept: Baseline, now: Baseline): Check {
  const same = kept.rewardsSha256 === now.rewardsSha256
  return {
    name: 'kept result: amounts',
    level: same ? 'pass' : 'info',
    seen: same ? 'every account is paid the same to the rao' : 'amounts differ',
    expected: 'the same amounts, or metrics within their tolerances',
    why: same ? 'The results are the same.' : 'Whether that matters is for the metrics and their tolerances to say.',
  }
}
