import { metricValues } from '../checks/expectations.js'
import { diffLedgers } from '../diff/diffLedgers.js'
import { cancelled } from '../errors/cli.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import type { Ledger } from '../ledger/ledger.js'
import { compareConcentration } from '../metrics/compareConcentration.js'
import type { Attribution, Effect } from '../report/attributionSchema.js'

/** Arms that run at a time. */
const AT_A_TIME = 2

/** Metrics that are attributed: of change, since every part has the same baseline. */
const METRICS = [
  'gained',
  ...['gini', 'hhi', 'nakamoto', 'top1', 'top10', 'coalition51Count', 'coalition51Share'].flatMap((metric) =>
    ['rewards', 'stakeWeights'].flatMap((distribution) =>
      ['hotkey', 'coldkey'].map((unit) => `change.${distribution}.${unit}.${metric}`),
    ),
  ),
]

/** Runs each patch alone and all but each, two candidates at a time, against the run's own baseline.
 *  @param count of patches, at least 2
 *  @param run replays a candidate with some of the patches, by their places
 *  @returns a part that cannot run says why; an interrupt ends it all */
export async function attribute(
  count: number,
  baseline: Ledger,
  whole: Ledger,
  run: (patches: readonly number[]) => Promise<Ledger>,
): Promise<Attribution> {
  const every = Array.from({ length: count }, (_, index) => index)
  const alone = every.map((index) => [index])
  const allBut = every.map((index) => every.filter((other) => other !== index))
  // Of two patches, all but one is the other alone: each is run once.
  const known = new Map<string, Attribution['alone'][number]>()
  const wanted = [...new Map([...alone, ...allBut].map((patches) => [patches.join(), patches])).values()]
  const worker = async (): Promise<void> => {
    for (let patches = wanted.shift(); patches !== undefined; patches = wanted.shift()) {
      known.set(patches.join(), await part(patches))
    }
  }
  const part = async (patches: readonly number[]): Promise<Attribution['alone'][number]> => {
    try {
      return { patches: [...patches], effect: effectOf(baseline, await run(patches)), error: null }
    } catch (error) {
      if (!(error instanceof EpochdiffError) || error.code === cancelled.code) throw error
      return { patches: [...patches], effect: null, error: error.message }
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  const found = (patches: readonly number[]) =>
    known.get(patches.join()) ?? { patches: [...patches], effect: null, error: '' }
  const singles = alone.map(found)
  const wholeEffect = effectOf(baseline, whole)
  return {
    whole: wholeEffect,
    alone: singles,
    allBut: allBut.map(found),
    interaction: interaction(wholeEffect, singles),
  }
}

/** What the candidate changes against the baseline. */
function effectOf(baseline: Ledger, candidate: Ledger): Effect {
  const diff = diffLedgers(baseline, candidate)
  const concentrations = compareConcentration(baseline, candidate)
  const netuids = [...new Set(diff.roles.map(({ netuid }) => netuid))]
  return {
    roles: diff.roles.map(({ netuid, role, changeRao }) => ({ netuid, role, changeRao: String(changeRao) })),
    metrics: netuids.flatMap((netuid) => {
      const values = metricValues(netuid, concentrations, diff)
      return METRICS.map((metric) => ({ netuid, metric, value: values.get(metric) ?? null }))
    }),
  }
}

/** Exact in rao; a metric that one of them lacks has none. */
function interaction(whole: Effect, singles: Attribution['alone']): Effect | null {
  const effects = singles.flatMap(({ effect }) => (effect === null ? [] : [effect]))
  if (effects.length < singles.length) return null
  return {
    roles: whole.roles.map((role, index) => {
      const sum = effects.reduce((total, { roles }) => total + BigInt(roles[index]?.changeRao ?? 0), 0n)
      return { ...role, changeRao: String(BigInt(role.changeRao) - sum) }
    }),
    metrics: whole.metrics.map((metric, index) => {
      const values = effects.map(({ metrics }) => metrics[index]?.value ?? null)
      const known = values.filter((value) => value !== null)
      const sum = known.reduce((total, value) => total + value, 0)
      return { ...metric, value: metric.value === null || known.length < values.length ? null : metric.value - sum }
    }),
  }
}
