import { setTimeout as sleep } from 'node:timers/promises'
import { openEngine } from '../engine/openEngine.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { chainStalled, finalityStalled, nodeFailed, nodeNotUpgraded, nodesDisagree } from '../errors/rehearsal.js'
import type { Hex } from '../fork/forkState.js'
import { signerOf } from '../fork/runtimeCalls.js'
import type { OpenForkOptions } from '../scenario/openFork.js'
import type { LoadedScenario } from '../scenario/scenario.js'
import { type ChainFollower, followChain } from './followChain.js'
import type { Network } from './network.js'
import { type ChainBlock, type NodeStatus, openNodeRpc } from './nodeRpc.js'
import { type PreparedRehearsal, prepareRehearsal, type RehearsalPlan, type UpgradeStep } from './prepareRehearsal.js'
import type { RehearsalResult } from './rehearsalResult.js'
import { rawChainSpec } from './rawChainSpec.js'
import { openAccount } from './signer.js'
import { openTraffic } from './traffic.js'

export interface RehearseOptions extends RehearsalPlan, Pick<OpenForkOptions, 'progress' | 'signal'> {
  readonly toolVersion: string
  readonly provider: RehearsalResult['network']['provider']
  /** What the node says of itself. */
  readonly nodeVersion: string
  /** Epochs of each subnet of the scenario after the upgrade. */
  readonly epochs: number
  /** How long no block is taken for a stall; 30 s, and at least 15 slots, if left out. */
  readonly stallMs?: number
  /** Makes the network; none of its nodes runs yet, except where the provider starts all of them at once. */
  readonly openNetwork: (spec: { readonly json: string; readonly id: string }) => Promise<Network>
}

export interface Rehearsal {
  readonly result: RehearsalResult
  /** Why the result has a failure. */
  readonly failure: EpochdiffError | undefined
  readonly logs: ReadonlyMap<string, string>
  /** What the engine repeated: enough to repeat it again. */
  readonly recording: { readonly genesis: ReadonlyMap<Hex, Hex>; readonly blocks: readonly ChainBlock[] }
}

const pollMs = 250
/** Blocks that are final before the upgrade is asked for. */
const warmUp = 3
/** Blocks of the candidate before a validator that was away is started. */
const awayBlocks = 4
/** Blocks on top of one that is not going to be replaced: while finality is impossible, few author. */
const standing = 3
const startMs = 90_000
const leastStallMs = 30_000
const stallSlots = 15
const finalityStallMs = 90_000
const SPEC_ID = 'epochdiff_rehearsal'

/** Rehearses a scenario's proposal on nodes: they run the baseline, take the candidate as an upgrade, and go on; every block is repeated on
 *  the native engine. The network is ended whatever happens.
 *  @throws what preparing throws; E802 when a node fails, E812 when something is left; failures of the rehearsal itself (exit code 1)
 *  are in the result */
export async function rehearse(loaded: LoadedScenario, options: RehearseOptions): Promise<Rehearsal> {
  const { progress, signal } = options
  const startedAt = performance.now()
  progress.step('Preparing the genesis and the candidate')
  const engine = await openEngine('native', { signal })
  try {
    const prepared = await prepareRehearsal(engine, loaded, options, options)
    const follower = await followChain(engine, prepared, stepFinder(prepared))
    signal.throwIfAborted()
    const json = rawChainSpec({ name: `epochdiff ${loaded.scenario.name}`, id: SPEC_ID, storage: prepared.genesis })
    const preparedAt = performance.now()
    const network = await options.openNetwork({ json, id: SPEC_ID })
    const stage = openStage(prepared, follower, network, options)
    let failure: EpochdiffError | undefined
    let logs: ReadonlyMap<string, string> = new Map()
    let endedAt = preparedAt
    let status: RehearsalResult['nodes'] = []
    try {
      progress.step(`Starting ${options.validators.length} validators`)
      failure = await failureOf(stage.run(loaded.scenario.subnets))
      signal.throwIfAborted()
      status = await stage.status()
    } finally {
      endedAt = performance.now()
      stage.close()
      logs = await network.logs()
      await network.close()
    }
    const closedAt = performance.now()
    const { network: shown, upgrade, timeline, finality } = stage.seen()
    const ms = (from: number, to: number) => Math.round(to - from)
    const { name, title } = loaded.scenario
    return {
      failure,
      logs,
      recording: { genesis: prepared.genesis, blocks: follower.recorded },
      result: {
        rehearsalVersion: 1,
        tool: { name: 'epochdiff', version: options.toolVersion },
        scenario: { name, title, file: loaded.file, overrides: [...loaded.overrides] },
        network: shown,
        runtimes: { baseline: { ...prepared.baseline }, candidate: { ...prepared.candidate } },
        upgrade,
        fault: options.fault ?? null,
        timeline,
        nodes: status,
        blocks: follower.blocks.map((block) => ({ ...block, finalityMs: finality(block.number) })),
        epochs: [...follower.epochs],
        mocks: [...prepared.mocks],
        failure: failure === undefined ? null : { code: failure.code, message: failure.short, fix: failure.fix },
        timing: {
          prepareMs: ms(startedAt, preparedAt),
          networkMs: ms(preparedAt, endedAt),
          teardownMs: ms(endedAt, closedAt),
        },
      },
    }
  } finally {
    await engine.close()
  }
}

/** A failed check is an outcome; anything else is thrown on. */
async function failureOf(work: Promise<void>): Promise<EpochdiffError | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof EpochdiffError && error.exitCode === 1) return error
    throw error
  }
}

/** Knows the extrinsics of the upgrade by the call that they end with. */
function stepFinder({ steps }: PreparedRehearsal): (extrinsic: Hex) => UpgradeStep | undefined {
  const ends = steps.map((step) => ({ step, end: Buffer.from(step.call).toString('hex') }))
  return (extrinsic) => ends.find(({ end }) => extrinsic.endsWith(end))?.step
}

function openStage(prepared: PreparedRehearsal, follower: ChainFollower, network: Network, options: RehearseOptions) {
  const { signal, progress, fault, epochs } = options
  const startedAt = performance.now()
  const since = () => Math.round(performance.now() - startedAt)
  const timeline: RehearsalResult['timeline'] = []
  const note = (what: string): void => {
    timeline.push({ ms: since(), what })
    progress.step(`${(since() / 1000).toFixed(1).padStart(7)} s  ${what}`)
  }
  const nodes = network.nodes.map(({ name, rpc }) => ({ name, rpc: openNodeRpc(rpc, signal) }))
  const [first] = nodes
  const last = nodes.at(-1)
  if (first === undefined || last === undefined) throw new RangeError('A network without nodes.')
  const down = new Set<string>(fault === 'late' ? [last.name] : [])
  const sudo = openAccount(prepared, signerOf('sudo'), prepared.genesisHash)
  const traffic = openTraffic(prepared, prepared.traffic, prepared.genesisHash)

  /** Since when a block was the best, and since when it was final. */
  const bestAt: number[] = []
  const finalAt: number[] = []
  let best = 0
  let finalized = 0
  let bestSince = performance.now()
  let finalSince = performance.now()
  let submittedMs: number | null = null
  let candidateSeen: number | undefined
  let submitted = 0

  const observe = (seen: readonly (NodeStatus | undefined)[]): void => {
    const known = seen.flatMap((each) => each ?? [])
    const now = performance.now()
    const top = Math.max(best, ...known.map((each) => each.best))
    for (let number = best + 1; number <= top; number += 1) bestAt[number] = since()
    if (top > best) [best, bestSince] = [top, now]
    const sure = Math.max(finalized, ...known.map((each) => each.finalized))
    for (let number = finalized + 1; number <= sure; number += 1) finalAt[number] = since()
    if (sure > finalized) [finalized, finalSince] = [sure, now]
    if (
      candidateSeen === undefined &&
      known.some(({ specVersion }) => specVersion === prepared.candidate.specVersion)
    ) {
      candidateSeen = best
      note(`spec ${prepared.candidate.specVersion} is in force at block ${best}`)
    }
  }

  /** The last block that stays: a final one, or, where too many validators are away for finality, one that others stand on. */
  const sure = (): number => {
    const votes = nodes.length - down.size
    return 3 * votes > 2 * nodes.length ? finalized : Math.max(finalized, best - standing)
  }

  const requireRunning = async (): Promise<void> => {
    for (const { name } of nodes) {
      const reason = down.has(name) ? undefined : network.failure(name)
      if (reason !== undefined) throw nodeFailed({ node: name, reason, log: await tail(network, name) })
    }
  }

  const start = async (name: string): Promise<void> => {
    down.delete(name)
    await network.start(name)
  }

  const ready = async (): Promise<void> => {
    const until = performance.now() + startMs
    const waiting = new Map(nodes.filter(({ name }) => !down.has(name)).map(({ name, rpc }) => [name, rpc]))
    while (waiting.size > 0) {
      await requireRunning()
      for (const [name, rpc] of waiting) {
        const genesis = await rpc.hashOf(0)
        if (genesis === undefined) continue
        if (genesis !== prepared.genesisHash) {
          throw nodesDisagree({ block: 0, key: 'its hash', node: genesis, engine: prepared.genesisHash })
        }
        waiting.delete(name)
        note(`${name} runs`)
      }
      const [silent] = waiting.keys()
      if (silent !== undefined && performance.now() > until) {
        const reason = `it does not answer after ${startMs / 1000} s`
        throw nodeFailed({ node: silent, reason, log: await tail(network, silent) })
      }
      if (silent !== undefined) await pause(signal)
    }
    bestSince = finalSince = performance.now()
  }

  /** Submits the next extrinsic of the upgrade once the one before it is done. */
  const upgrade = async (): Promise<void> => {
    const step = prepared.steps[submitted]
    if (step === undefined || sure() < warmUp || follower.stepsDone < submitted) return
    await first.rpc.submit(sudo.sign(step.call))
    submittedMs ??= since()
    submitted += 1
    note(`${step.name} is submitted`)
    if (fault === 'kill' && submitted === prepared.steps.length) {
      down.add(last.name)
      await network.kill(last.name)
      note(`${last.name} is killed (fault: kill)`)
    }
  }

  const returnAway = async (): Promise<void> => {
    if (candidateSeen === undefined || best < candidateSeen + awayBlocks) return
    for (const name of [...down]) {
      await start(name)
      note(`${name} is started${fault === 'kill' ? ' again' : ' for the first time'}`)
      finalSince = performance.now()
    }
  }

  const followTo = async (number: number): Promise<void> => {
    while (follower.blocks.length < number) {
      signal.throwIfAborted()
      const next = follower.blocks.length + 1
      const hash = await first.rpc.hashOf(next)
      if (hash === undefined) return
      await follower.follow(first.rpc, hash)
      const block = follower.blocks.at(-1)
      if (block?.upgrades === true) note(`block ${next} sets the candidate's code`)
      if (block !== undefined && block.epochs.length > 0)
        note(`block ${next} (spec ${block.specVersion}) pays subnets ${block.epochs.join(', ')}: ledgers equal`)
    }
  }

  const requireProgress = async (): Promise<void> => {
    const now = performance.now()
    const longest = options.stallMs ?? Math.max(leastStallMs, stallSlots * prepared.slotMs)
    if (now - bestSince > longest) {
      await followTo(best)
      const reason = candidateSeen === undefined ? undefined : await follower.whyNoNext()
      const said = (await tail(network, first.name)).findLast((line) => /fail|panic|trap/i.test(line))
      const cause =
        reason === undefined
          ? (said ?? 'the nodes do not say why')
          : `the candidate fails in the next block, on the native engine as well: ${reason}`
      throw chainStalled({
        block: best,
        seconds: Math.round((now - bestSince) / 1000),
        cause: cause.replace(/\.$/, ''),
      })
    }
    if (down.size === 0 && now - finalSince > Math.max(finalityStallMs, 3 * longest)) {
      throw finalityStalled({ finalized, best, seconds: Math.round((now - finalSince) / 1000) })
    }
  }

  const enough = (netuids: readonly number[]): boolean => {
    const upgraded = follower.blocks.findIndex(({ upgrades }) => upgrades)
    if (upgraded < 0) return false
    const after = follower.blocks.slice(upgraded + 1)
    return netuids.every((netuid) => after.filter((block) => block.epochs.includes(netuid)).length >= epochs)
  }

  /** Every node has the chain that was repeated, and runs the candidate. */
  const requireAgreement = async (): Promise<void> => {
    const block = follower.blocks.at(-1)
    if (block === undefined) return
    for (const { name, rpc } of nodes) {
      const hash = await rpc.hashOf(block.number)
      if (hash !== block.hash) {
        throw nodesDisagree({
          block: block.number,
          key: `its hash at ${name}`,
          node: hash ?? 'none',
          engine: block.hash,
        })
      }
      const specVersion = (await rpc.status())?.specVersion ?? 0
      const expected = prepared.candidate.specVersion
      if (specVersion !== expected) throw nodeNotUpgraded({ node: name, found: specVersion, expected })
    }
  }

  return {
    async run(netuids: readonly number[]): Promise<void> {
      for (const { name } of nodes) if (!down.has(name)) await network.start(name)
      await ready()
      let sentAt = 0
      while (!enough(netuids) || down.size > 0) {
        signal.throwIfAborted()
        await requireRunning()
        observe(await Promise.all(nodes.map(({ name, rpc }) => (down.has(name) ? undefined : rpc.status()))))
        await upgrade()
        await returnAway()
        if (options.traffic && best > sentAt) {
          sentAt = best
          for (const extrinsic of traffic.next()) await first.rpc.submit(extrinsic)
        }
        await followTo(sure())
        await requireProgress()
        await pause(signal)
      }
      await settle()
      await requireAgreement()
      const upgraded = follower.blocks.find(({ upgrades }) => upgrades)?.number ?? 0
      follower.requireWeight((bestAt[upgraded + 1] ?? 0) - (bestAt[upgraded] ?? 0))
    },
    async status(): Promise<RehearsalResult['nodes']> {
      return Promise.all(
        nodes.map(async ({ name, rpc }) => {
          const seen = await rpc.status()
          return {
            name,
            status:
              seen === undefined ? null : { best: seen.best, finalized: seen.finalized, specVersion: seen.specVersion },
          }
        }),
      )
    },
    seen: () => {
      const upgraded = follower.blocks.find(({ upgrades }) => upgrades)?.number ?? null
      return {
        network: {
          provider: options.provider,
          node: options.nodeVersion,
          validators: nodes.map(({ name }) => name),
          slotMs: prepared.slotMs,
          tempo: options.tempo,
          genesisHash: prepared.genesisHash,
        },
        upgrade: {
          how: options.upgrade,
          submittedMs,
          block: upgraded,
          finalizedMs: upgraded === null ? null : (finalAt[upgraded] ?? null),
        },
        timeline,
        finality: (number: number) => {
          const [seenAt, sureAt] = [bestAt[number], finalAt[number]]
          return seenAt === undefined || sureAt === undefined ? null : Math.max(0, sureAt - seenAt)
        },
      }
    },
    close: () => {
      for (const { rpc } of nodes) rpc.close()
    },
  }

  /** Waits until every node has finalised what was repeated. */
  async function settle(): Promise<void> {
    const target = follower.blocks.at(-1)?.number ?? 0
    for (;;) {
      signal.throwIfAborted()
      await requireRunning()
      const seen = await Promise.all(nodes.map(({ rpc }) => rpc.status()))
      observe(seen)
      if (seen.every((each) => each !== undefined && each.finalized >= target)) return
      await requireProgress()
      await pause(signal)
    }
  }
}

async function tail(network: Network, name: string): Promise<string[]> {
  const log = (await network.logs()).get(name) ?? ''
  return log.trimEnd().split('\n').slice(-8)
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted())
}
