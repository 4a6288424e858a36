import type { RewardDiff } from '../diff/diffLedgers.js'
import type { Ledger } from '../ledger/ledger.js'
import type { PatchedStart } from '../patch/applyPatches.js'
import type { ConcentrationChange } from '../metrics/compareConcentration.js'
import type { Check } from './check.js'
import { checkConsensus } from './consensus.js'
import { checkConservation } from './conservation.js'
import { checkCoverage } from './coverage.js'
import { checkEnginesAgree, type EngineComparison } from './enginesAgree.js'
import { checkExpectations, type Expectation, metricValues } from './expectations.js'
import { checkMocks } from './mocks.js'
import { checkNoOp } from './noOp.js'
import { checkPatches } from './patches.js'

export interface RunFacts {
  readonly baseline: Ledger
  readonly candidate: Ledger
  readonly diff: RewardDiff
  readonly concentrations: readonly ConcentrationChange[]
  /** Whether the proposal must change nothing: no patches, or every policy at its neutral value. */
  readonly neutral: boolean
  /** What each patch of state did. */
  readonly patches: Pick<PatchedStart, 'applied' | 'withoutEffect'>
  /** Names of the recorded inputs written into both arms. */
  readonly feeds: readonly string[]
  readonly mocks: readonly string[]
  /** u16 by netuid, where the state tells. */
  readonly kappa: ReadonlyMap<number, number>
  /** `undefined` when no second engine was asked. */
  readonly engines: EngineComparison | undefined
  readonly expectations: readonly Expectation[]
}

/** Every verdict about a run, in the order of a report.
 *  @throws E601, E602 as the single checks do */
export function checkRun(facts: RunFacts): Check[] {
  const netuids = [...new Set(facts.baseline.totals.map(({ netuid }) => netuid))].sort((a, b) => a - b)
  const values = new Map(
    netuids.map((netuid) => [netuid, metricValues(netuid, facts.concentrations, facts.diff)] as const),
  )
  return [
    ...checkConservation(facts),
    checkNoOp(facts.diff, facts.neutral),
    ...checkPatches(facts.patches),
    ...(facts.engines === undefined ? [] : [checkEnginesAgree(facts.engines)]),
    ...checkConsensus(facts, facts.kappa),
    checkCoverage(facts, facts.feeds),
    checkMocks(facts.mocks),
    ...checkExpectations(facts.expectations, values),
  ]
}
