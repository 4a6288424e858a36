import type { Check } from '../checks/check.js'
import { inOrder } from '../diff/epochPlace.js'
import type { AmountChange, RewardDiff } from '../diff/diffLedgers.js'
import type { ForkHeader, ForkSource } from '../fork/forkState.js'
import type { EpochTotals, Ledger } from '../ledger/ledger.js'
import type { Concentration } from '../metrics/concentration.js'
import type { ConcentrationChange } from '../metrics/compareConcentration.js'
import type { RunResult } from './runResult.js'

/** What a finished run knows; the members that are plain JSON already have the shape of the result. */
export interface FinishedRun extends Pick<
  RunResult,
  'scenario' | 'patches' | 'runtimes' | 'engine' | 'mocks' | 'timing'
> {
  readonly toolVersion: string
  readonly forkSource: ForkSource
  readonly forkHeader: ForkHeader
  readonly baseline: Ledger
  readonly candidate: Ledger
  readonly diff: RewardDiff
  readonly concentrations: readonly ConcentrationChange[]
  readonly checks: readonly Check[]
}

export function buildRunResult(run: FinishedRun): RunResult {
  const { forkSource, diff } = run
  return {
    schemaVersion: 1,
    tool: { name: 'epochdiff', version: run.toolVersion },
    scenario: run.scenario,
    patches: run.patches,
    fork: {
      source: { kind: forkSource.kind, name: forkSource.name },
      block: { number: run.forkHeader.number, hash: run.forkHeader.hash },
      recorded: [...forkSource.recorded],
      assumed: [...forkSource.assumed],
    },
    runtimes: run.runtimes,
    engine: run.engine,
    epochs: epochs(run),
    rewards: {
      isEmpty: diff.isEmpty,
      sameVectors: diff.sameVectors,
      roles: diff.roles.map(({ netuid, role, ...amounts }) => ({ netuid, role, ...decimal(amounts) })),
      accounts: diff.accounts.map(({ netuid, uid, hotkey, coldkey, role, ...amounts }) => {
        return { netuid, uid: uid ?? null, hotkey, coldkey, role, ...decimal(amounts) }
      }),
    },
    concentration: run.concentrations.map((change) => ({
      netuid: change.netuid,
      distribution: change.distribution,
      unit: change.unit,
      baseline: metrics(change.baseline),
      candidate: metrics(change.candidate),
    })),
    checks: run.checks.map((check) => ({ ...check })),
    mocks: run.mocks,
    timing: run.timing,
  }
}

function epochs({ baseline, candidate, diff }: FinishedRun): RunResult['epochs'] {
  const theirs = inOrder(candidate.totals)
  return inOrder(baseline.totals).map((totals, i) => {
    const { epoch, netuid, block } = totals
    const other = theirs[i]
    const accounts = diff.epochs[i]?.accounts
    // diffLedgers refused ledgers that cover different epochs, and orders its own alike.
    if (other === undefined || accounts === undefined) throw new Error('a diff of other ledgers')
    const gainedRao = accounts
      .filter(({ role, changeRao }) => role !== 'burned' && changeRao > 0n)
      .reduce((sum, { changeRao }) => sum + changeRao, 0n)
    const arms = { baseline: amountsOf(totals), candidate: amountsOf(other) }
    return { epoch, netuid, block, ...arms, gainedRao: String(gainedRao) }
  })
}

function amountsOf(totals: EpochTotals) {
  return {
    drainedRao: String(totals.drainedRao),
    paidRao: String(totals.paidRao),
    unpaidRao: String(totals.unpaidRao),
    unownedRao: String(totals.unownedRao),
    slackRao: String(totals.slackRao),
    creditedRao: String(totals.creditedRao),
  }
}

function decimal({ baselineRao, candidateRao, changeRao }: AmountChange) {
  return {
    baselineRao: String(baselineRao),
    candidateRao: String(candidateRao),
    changeRao: String(changeRao),
  }
}

function metrics(values: Concentration): RunResult['concentration'][number]['baseline'] {
  return {
    population: values.population,
    holders: values.holders,
    gini: values.gini ?? null,
    hhi: values.hhi ?? null,
    nakamoto: values.nakamoto ?? null,
    top1: values.top1 ?? null,
    top10: values.top10 ?? null,
    coalition51Count: values.coalition51Count ?? null,
    coalition51Share: values.coalition51Share ?? null,
    lorenzDeciles: values.lorenzDeciles === undefined ? null : [...values.lorenzDeciles],
  }
}
