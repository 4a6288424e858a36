import type { RunResult } from './runResult.js'
import { resultMetrics } from './resultMetrics.js'

/** What jest wants of a matcher. */
interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/** How far a metric has to move. */
export interface Movement {
  /** Netuid; may be left out when the run measures one subnet. */
  readonly subnet?: number
  /** The change (candidate - baseline) has to be at least this, at most that; in the unit of the metric. Without either, any. */
  readonly atLeast?: number
  readonly atMost?: number
}

/** Matchers for `expect.extend`: what a result of `runScenario` (or of `parseRunResult`) shows. */
export const epochdiffMatchers = { toConserve, toHaveEmptyDiff, toMoveMetric }

/** Every check of conservation passes, and there are some: what is paid is what was drained and credited, to the stated slack. */
function toConserve(result: RunResult): Verdict {
  const checks = result.checks.filter(({ name }) => name.startsWith('conservation'))
  const failed = checks.filter(({ level }) => level !== 'pass')
  const told = failed.map(({ name, seen, expected }) => `\n  ${name}: ${seen}; expected ${expected}`).join('')
  return {
    pass: checks.length > 0 && failed.length === 0,
    message: () =>
      checks.length === 0
        ? 'The result has no check of conservation.'
        : failed.length === 0
          ? `All ${checks.length} checks of conservation pass.`
          : `${failed.length} of ${checks.length} checks of conservation do not pass:${told}`,
  }
}

/** No account is paid a rao more or less in any epoch, and every output of the epochs is the same. */
function toHaveEmptyDiff(result: RunResult): Verdict {
  const { isEmpty, sameVectors, accounts } = result.rewards
  const changed = accounts.filter(({ changeRao }) => changeRao !== '0').length
  return {
    pass: isEmpty && sameVectors,
    message: () =>
      isEmpty && sameVectors
        ? 'The difference is empty: each account is paid the same in every epoch.'
        : changed > 0
          ? `${changed} of ${accounts.length} accounts are paid differently over the run.`
          : isEmpty
            ? 'Each account is paid the same, but outputs of the epochs differ.'
            : 'Each account is paid the same over the run, but not in every epoch.',
  }
}

/** The proposal moves a metric.
 *  @param metric as in expectations, without its arm: rewards.hotkey.gini, stakeWeights.coldkey.nakamoto, paid.validator */
function toMoveMetric(result: RunResult, metric: string, movement: Movement = {}): Verdict {
  const metrics = resultMetrics(result)
  const [only, ...others] = [...metrics.keys()]
  const netuid = movement.subnet ?? (others.length === 0 ? only : undefined)
  // What the run cannot answer fails under `.not` too.
  if (netuid === undefined) throw new Error(`Name a subnet: the run measures ${[...metrics.keys()].join(', ')}.`)
  const values = metrics.get(netuid)
  if (values === undefined) throw new Error(`The run does not measure subnet ${netuid}.`)
  const name = `change.${metric}`
  if (!values.has(name)) {
    const known = [...values.keys()].filter((each) => each.startsWith('change.')).map((each) => each.slice(7))
    throw new Error(`There is no metric "${metric}". Use one of: ${known.join(', ')}.`)
  }
  const change = values.get(name)
  if (change === undefined) throw new Error(`${metric} of subnet ${netuid} has no value: nobody holds anything.`)
  const { atLeast = -Infinity, atMost = Infinity } = movement
  const bounds = [
    ...(movement.atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(movement.atMost === undefined ? [] : [`at most ${atMost}`]),
  ]
  return {
    pass: change !== 0 && change >= atLeast && change <= atMost,
    message: () =>
      `${metric} of subnet ${netuid} moves by ${change}${bounds.length === 0 ? '' : ` (${bounds.join(', ')})`}.`,
  }
}
