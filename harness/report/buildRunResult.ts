import type { Check } from '../checks/check.js'
import { inOrder } from '../diff/epochPlace.js'
import type { AmountChange, RewardDiff } from '../diff/diffLedgers.js'
import type { EngineName } from '../engine/engine.js'
import type { ForkHeader, ForkSource } from '../fork/forkState.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Concentration } from '../metrics/concentration.js'
import type { ConcentrationChange } from '../metrics/compareConcentration.js'
import type { Attribution } from './attributionSchema.js'
import type { AppliedPatch } from '../patch/appliedPatch.js'
import type { WeaveManifest } from '../runtime/weave.js'
import { measureRun } from './measureRun.js'
import type { RunResult } from './runResult.js'

interface RuntimeUsed {
  readonly specVersion: number
  /** Of the uncompressed wasm that ran, hex. */
  readonly sha256: string
  /** `undefined` for a runtime as it was found. */
  readonly weave: WeaveManifest | undefined
}

/** What a finished run knows. */
export interface FinishedRun {
  readonly toolVersion: string
  readonly scenario: {
    readonly name: string
    readonly title: string
    /** Name of the file without its folders. */
    readonly file: string
    /** As given to --set. */
    readonly overrides: readonly string[]
    /** Of the scenario with defaults and overrides filled in, hex. */
    readonly sha256: string
  }
  readonly patches: readonly AppliedPatch[]
  /** `undefined` where it was not asked for. */
  readonly attribution?: Attribution | undefined
  readonly forkSource: ForkSource
  readonly forkHeader: ForkHeader
  readonly runtimes: { readonly baseline: RuntimeUsed; readonly candidate: RuntimeUsed }
  readonly engine: EngineName
  /** How many first epochs the other engine repeated. */
  readonly crossCheckedEpochs: number
  readonly baseline: Ledger
  readonly candidate: Ledger
  /** sha256, hex, of the storage that each epoch's block changed, in the order of each ledger's totals. */
  readonly storageSha256: Readonly<Record<'baseline' | 'candidate', readonly string[]>>
  readonly diff: RewardDiff
  readonly concentrations: readonly ConcentrationChange[]
  /** As the fork's state names and prices them, by netuid. */
  readonly subnets: RunResult['subnets']
  /** Names by address, as far as the fork's state has them. */
  readonly identities: RunResult['identities']
  readonly checks: readonly Check[]
  readonly mocks: readonly string[]
  readonly timing: RunResult['timing']
}

/** The result of a run. Pure: the same run gives the same result. */
export function buildRunResult(run: FinishedRun): RunResult {
  const { forkSource, diff } = run
  return {
    schemaVersion: 1,
    tool: { name: 'epochdiff', version: run.toolVersion },
    scenario: { ...run.scenario, overrides: [...run.scenario.overrides] },
    patches: [...run.patches],
    ...(run.attribution !== undefined && { attribution: run.attribution }),
    fork: {
      source: { kind: forkSource.kind, name: forkSource.name },
      trust: forkSource.trust ?? null,
      block: { number: run.forkHeader.number, hash: run.forkHeader.hash },
      recorded: [...forkSource.recorded],
      assumed: [...forkSource.assumed],
    },
    runtimes: { baseline: runtime(run.runtimes.baseline), candidate: runtime(run.runtimes.candidate) },
    engine: run.engine,
    crossCheckedEpochs: run.crossCheckedEpochs,
    epochs: epochs(run),
    rewards: {
      isEmpty: diff.isEmpty,
      sameVectors: diff.sameVectors,
      roles: diff.roles.map(({ netuid, role, ...amounts }) => ({ netuid, role, ...decimal(amounts) })),
      accounts: diff.accounts.map(({ netuid, uid, hotkey, coldkey, role, ...amounts }) => {
        return { netuid, uid: uid ?? null, hotkey, coldkey, role, ...decimal(amounts) }
      }),
    },
    ledger: ledger(diff),
    concentration: run.concentrations.map((change) => ({
      netuid: change.netuid,
      distribution: change.distribution,
      unit: change.unit,
      baseline: metrics(change.baseline),
      candidate: metrics(change.candidate),
    })),
    ...measureRun(run),
    subnets: run.subnets.map((subnet) => ({ ...subnet })),
    identities: { ...run.identities },
    checks: run.checks.map((check) => ({ ...check })),
    mocks: [...run.mocks],
    timing: run.timing,
  }
}

function runtime({ specVersion, sha256, weave }: RuntimeUsed): RunResult['runtimes']['baseline'] {
  const patches = weave?.patches.map((patch) => ({
    ...patch,
    params: { ...patch.params },
    callers: [...patch.callers],
  }))
  return { specVersion, sha256, weave: weave === undefined ? null : { ...weave, patches: patches ?? [] } }
}

function epochs(run: FinishedRun): RunResult['epochs'] {
  const theirs = armEpochs(run.candidate, run.storageSha256.candidate)
  return armEpochs(run.baseline, run.storageSha256.baseline).map(({ epoch, netuid, block, outcome: baseline }, i) => {
    const candidate = theirs[i]?.outcome
    const accounts = run.diff.epochs[i]?.accounts
    // diffLedgers refused ledgers that cover different epochs, and orders its own alike.
    if (candidate === undefined || accounts === undefined) throw new Error('a diff of other ledgers')
    const gainedRao = accounts
      .filter(({ role, changeRao }) => role !== 'burned' && changeRao > 0n)
      .reduce((sum, { changeRao }) => sum + changeRao, 0n)
    return { epoch, netuid, block, baseline, candidate, gainedRao: String(gainedRao) }
  })
}

/** By epoch, then netuid. */
function armEpochs({ totals }: Ledger, storageSha256: readonly string[]) {
  if (storageSha256.length !== totals.length) throw new Error('a storage hash for each epoch')
  return inOrder(
    totals.map(({ epoch, netuid, block, ...amounts }, i) => ({
      epoch,
      netuid,
      block,
      outcome: {
        drainedRao: String(amounts.drainedRao),
        paidRao: String(amounts.paidRao),
        unpaidRao: String(amounts.unpaidRao),
        unownedRao: String(amounts.unownedRao),
        slackRao: String(amounts.slackRao),
        creditedRao: String(amounts.creditedRao),
        storageSha256: storageSha256[i] ?? '',
      },
    })),
  )
}

/** Each account's amounts by epoch, zero where it was paid nothing. */
function ledger({ accounts, epochs }: RewardDiff): RunResult['ledger'] {
  const place = ({ netuid, role, hotkey, coldkey }: RewardDiff['accounts'][number]) =>
    `${netuid} ${role} ${hotkey} ${coldkey}`
  const paid = epochs.map(({ netuid, accounts: own }) => ({
    netuid,
    byAccount: new Map(own.map((account) => [place(account), account])),
  }))
  const netuids = new Set(paid.map(({ netuid }) => netuid))
  const epochsOf = new Map([...netuids].map((netuid) => [netuid, paid.filter((epoch) => epoch.netuid === netuid)]))
  return accounts.map((account) => {
    const key = place(account)
    const own = (epochsOf.get(account.netuid) ?? []).map(({ byAccount }) => byAccount.get(key))
    const list = (arm: 'baselineRao' | 'candidateRao') => own.map((amounts) => amounts?.[arm] ?? 0n).join(' ')
    return { baselineRao: list('baselineRao'), candidateRao: list('candidateRao') }
  })
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
    lorenz: values.lorenz === undefined ? null : [...values.lorenz],
  }
}
