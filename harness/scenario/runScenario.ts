import { checkRun } from '../checks/checkRun.js'
import { attributionPointless } from '../errors/patch.js'
import { requireKnownMetrics } from '../checks/expectations.js'
import { diffLedgers } from '../diff/diffLedgers.js'
import type { EngineName } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import type { ChainFork } from '../fork/chainFork.js'
import type { ForkState, Hex } from '../fork/forkState.js'
import { readFork } from '../fork/readFork.js'
import { identitiesOf, subnetFacts } from '../fork/subnetFacts.js'
import { isUndivided } from '../ledger/gatheredEmission.js'
import type { Ledger } from '../ledger/ledger.js'
import { compareConcentration } from '../metrics/compareConcentration.js'
import type { PatchedStart } from '../patch/applyPatches.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { replayMocks, type ReplayPlan } from '../replay/replayEpochs.js'
import { buildRunResult } from '../report/buildRunResult.js'
import type { Attribution } from '../report/attributionSchema.js'
import type { RunResult } from '../report/runResult.js'
import { policiesOf } from '../runtime/patch.js'
import { isNeutral } from '../runtime/policies.js'
import { sha256 } from '../runtime/prebuilt.js'
import { attribute } from './attribution.js'
import { candidateArms } from './candidateArms.js'
import { crossCheck } from './crossCheck.js'
import type { PrefetchProgress } from '../fork/rpc/nodeState.js'
import { openFork, type RunFork } from './openFork.js'
import { HOOKS_MOCKED, openRunHooks } from './runHooks.js'
import type { LoadedScenario, Scenario } from './scenario.js'
import type { ArmRun } from './replayArm.js'
import { openStopwatch } from './stopwatch.js'

export interface RunOptions {
  readonly engine: EngineName
  /** How many first epochs the other engine repeats, to compare the storage; none if left out. */
  readonly crossCheckEpochs?: number
  /** Called with the runtimes that run, uncompressed, as soon as they are known. */
  readonly onRuntimes?: (runtimes: Readonly<Record<'baseline' | 'candidate', Uint8Array>>) => void
  /** Of epochdiff, for the result. */
  readonly toolVersion: string
  readonly progress: {
    step(title: string): void
    tick(done: number, total: number): void
    /** Keys fetched of those known to be needed, and their bytes. */
    fetched?(progress: PrefetchProgress): void
  }
  readonly signal: AbortSignal
  /** Where state read from nodes is kept; nowhere when `undefined`. */
  readonly cache?: string | undefined
  /** Check what nodes say against the block's state root. */
  readonly verify?: boolean | undefined
  /** Hash of a block that is trusted: the forked one has to be an ancestor of it. */
  readonly trustedHash?: Hex | undefined
  /** Called when both arms are done, while the fork is still open. */
  readonly onReplayed?: (fork: RunFork) => Promise<void>
  /** Whether TypeScript hooks of the scenario may run on this machine. Default: no (E341). */
  readonly allowHooks?: boolean
}

/** Runs a scenario: both arms through its epochs, side by side, and everything that follows from their ledgers.
 *  @throws what the stages throw: E2xx data, E3xx weaver, E4xx runtime, E5xx replay and ledger, E6xx diff and checks */
export async function runScenario(loaded: LoadedScenario, options: RunOptions): Promise<RunResult> {
  const { scenario } = loaded
  const { progress, signal } = options
  const stopwatch = openStopwatch()
  requireKnownMetrics(scenario.expect, scenario.subnets)
  if (scenario.attribution && scenario.patches.length < 2) {
    throw attributionPointless({ patches: scenario.patches.length })
  }

  const hooks = await openRunHooks(loaded, {
    engine: options.engine,
    crossCheckEpochs: options.crossCheckEpochs ?? 0,
    allowHooks: options.allowHooks ?? false,
  })

  progress.step('Reading the data and the runtime')
  const engine = await openEngine(options.engine, { signal })
  let opened: RunFork | undefined
  try {
    opened = await openFork(engine, loaded, { ...options, readsRewards: true })
    const { fork, feed, wasm, codec, version, chain, slots, completesBlocks = false } = opened
    const { epochs, mode } = scenario.replay
    const upgrades = scenario.patches.some(({ kind }) => kind === 'code')
    const plan: ReplayPlan = {
      codec,
      head: fork.header,
      netuids: scenario.subnets,
      epochs,
      mode,
      feed,
      slots,
      completesBlocks,
      // The first block of an upgraded runtime migrates, once: no other block is like it, in neither arm.
      ...(upgrades && { creditFrom: fork.header.number + 2 }),
    }
    const arms = candidateArms({ engine, fork, plan, runtime: { wasm, codec, version }, loaded, hooks, signal })
    const candidateStart = await arms.prepare(scenario.patches, loaded.patchPlaces)
    const { patched, woven } = candidateStart
    const runtimes = { baseline: wasm, candidate: candidateStart.wasm }
    options.onRuntimes?.(runtimes)
    stopwatch.lap('prepare')

    const total = 2 * epochs * scenario.subnets.length
    progress.step(`Replaying ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} in both arms`)
    let done = 0
    let firstBaseline: EpochRecord | undefined
    const tick = () => progress.tick((done += 1), total)
    const [baseline, candidate] = await Promise.all([
      arms.replayBaseline((record) => {
        firstBaseline ??= record
        tick()
      }),
      arms.replay(candidateStart, tick),
    ])
    stopwatch.lap('replay')

    if (woven !== undefined) {
      progress.step('Comparing a neutral weave with the unwoven runtime')
      await arms.requireNeutralWeave(candidateStart, firstBaseline)
    }
    stopwatch.lap('neutral')

    const engines = await crossCheck({
      engine: options.engine,
      firstEpochs: Math.min(options.crossCheckEpochs ?? 0, epochs),
      fork,
      runtimes,
      patched,
      plan,
      arms: { baseline, candidate },
      progress,
      signal,
    })
    stopwatch.lap('crossCheck')

    const attribution = scenario.attribution && (await attributed(arms, loaded, baseline, candidate, progress))
    stopwatch.lap('attribution')

    progress.step('Comparing the arms')
    const ledgers = { baseline: baseline.ledger, candidate: candidate.ledger }
    const diff = diffLedgers(ledgers.baseline, ledgers.candidate)
    const concentrations = compareConcentration(ledgers.baseline, ledgers.candidate)
    const hooksMocked = hooks.size === 0 ? [] : [HOOKS_MOCKED]
    const mocks = [
      ...new Set([
        ...opened.mocks,
        ...replayMocks(plan),
        ...hooksMocked,
        ...patched.mocks,
        ...baseline.mocks,
        ...candidate.mocks,
      ]),
    ]
    const read = (keys: readonly Hex[]) => readFork(fork, keys)
    const ascending = scenario.subnets.toSorted((a, b) => a - b)
    const subnets = await subnetFacts(codec, read, ascending)
    const validators = diff.accounts
      .filter(({ role, coldkey }) => role === 'validator' && !isUndivided(coldkey))
      .map(({ coldkey }) => coldkey)
    const identities = await identitiesOf(codec, read, [...new Set(validators)])
    await options.onReplayed?.(opened)
    const kappa = await candidateKappa(fork, patched, scenario.subnets, candidate.ledger)
    const checks = checkRun({
      ...ledgers,
      diff,
      concentrations,
      neutral:
        hooks.size === 0 &&
        policiesOf(scenario.patches).every(isNeutral) &&
        patched.withoutEffect.every((none) => none),
      patches: patched,
      feeds: feed.steps.length === 0 ? [] : ['weights', 'last updates', 'registrations'],
      mocks,
      kappa,
      engines,
      expectations: scenario.expect,
    })
    stopwatch.lap('compare')
    return buildRunResult({
      toolVersion: options.toolVersion,
      scenario: {
        name: scenario.name,
        title: scenario.title,
        file: loaded.file,
        overrides: [...loaded.overrides],
        sha256: sha256(Buffer.from(JSON.stringify({ ...scenario, fork: standsOn(scenario, chain) }))),
      },
      patches: patched.applied,
      attribution,
      runtimes: {
        baseline: { specVersion: version.specVersion, sha256: sha256(wasm), weave: undefined },
        candidate: {
          specVersion: patched.runtime.version.specVersion,
          sha256: sha256(runtimes.candidate),
          weave: woven?.manifest,
        },
      },
      engine: options.engine,
      crossCheckedEpochs: engines?.firstEpochs ?? 0,
      mocks,
      timing: stopwatch.timing(),
      forkSource: fork.source,
      forkHeader: fork.header,
      ...ledgers,
      storageSha256: { baseline: baseline.storageSha256, candidate: candidate.storageSha256 },
      diff,
      concentrations,
      subnets,
      identities,
      checks,
    })
  } finally {
    await engine.close()
    await opened?.chain?.close()
  }
}

/** Every part of the patches against the run's baseline. */
function attributed(
  arms: ReturnType<typeof candidateArms>,
  { scenario: { patches }, patchPlaces }: LoadedScenario,
  baseline: ArmRun,
  candidate: ArmRun,
  progress: RunOptions['progress'],
): Promise<Attribution> {
  const parts = patches.length === 2 ? 2 : 2 * patches.length
  progress.step(`Running ${parts} parts of the proposal`)
  let done = 0
  return attribute(patches.length, baseline.ledger, candidate.ledger, async (indices) => {
    const of = <T>(list: readonly T[]) => list.filter((_, index) => indices.includes(index))
    const { ledger } = await arms.replay(await arms.prepare(of(patches), of(patchPlaces)), () => undefined)
    progress.tick((done += 1), parts)
    return ledger
  })
}

/** What a scenario is hashed with: of a chain's fork the block, however it was read. */
function standsOn({ fork }: Scenario, chain: ChainFork | undefined): unknown {
  return chain === undefined ? fork : { genesis: chain.block.genesisHash, block: chain.block.hash }
}

/** By netuid; u16, 65535 = 1.0. Of a subnet with epochs before and after a patch sets it, none. */
async function candidateKappa(
  fork: ForkState,
  { runtime: { codec }, writes, late }: PatchedStart,
  netuids: readonly number[],
  { totals }: Ledger,
): Promise<ReadonlyMap<number, number>> {
  const keys = netuids.map((netuid) => codec.key('SubtensorModule', 'Kappa', netuid))
  const forked = await readFork(fork, keys)
  const waiting = new Map(late?.writes)
  const patched = new Map([...writes, ...waiting])
  const missedIt = (netuid: number) =>
    totals.some((epoch) => epoch.netuid === netuid && epoch.block === fork.header.number + 1)
  return new Map(
    netuids.flatMap((netuid, index): [number, number][] => {
      const key = codec.key('SubtensorModule', 'Kappa', netuid)
      if (waiting.has(key) && missedIt(netuid)) return []
      const value = (patched.has(key) ? patched.get(key) : forked[index]) ?? null
      return [[netuid, Number(codec.decode('SubtensorModule', 'Kappa', value))]]
    }),
  )
}
