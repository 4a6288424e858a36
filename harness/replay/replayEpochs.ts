import type { CallResult, EngineArm, StorageDiff } from '../engine/engine.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import {
  emissionNotConstant,
  epochNotFired,
  feedBehindReplay,
  runtimeFailedInReplay,
  subnetNeverDue,
} from '../errors/replay.js'
import { applyFeedStep, feedStepReads, type Feed, type FeedStep } from '../fork/feed.js'
import type { ForkHeader, Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { counterKeys, creditBlocks } from './credit.js'
import type { EpochRecord, Jump } from './epochRecord.js'
import { followState } from './followedState.js'
import { EMPTY_DIGEST, encodeHeader, headerHash } from './header.js'
import { nextDueBlock, reasonNotFired, subnetsOf } from './schedule.js'

/** `blocks`: every block is executed. `jump`: of the blocks between two epochs only the first is; the others are credited
 *  by what it added. */
export type ReplayMode = 'blocks' | 'jump'

export interface ReplayPlan {
  readonly codec: StorageCodec
  /** The fork's last block. */
  readonly head: ForkHeader
  /** Subnets whose epochs are wanted. Epochs of others fire in between as they are due. */
  readonly netuids: readonly number[]
  /** Epochs of each of them. */
  readonly epochs: number
  readonly mode: ReplayMode
  /** Recorded inputs: each step is written before the first executed block that is not below its own. */
  readonly feed: Feed
  /** SCALE digest of a block's header; none when absent. */
  readonly digest?: (block: number) => Hex
}

/** What a replay of this mode leaves out, for the list of what was mocked; each jump adds its own line (`describeJump`). */
export const REPLAY_MOCKS: readonly string[] = [
  'Blocks are opened (Core_initialize_block), not finalised: no inherents, no extrinsics, no on_idle and on_finalize hooks; state and extrinsics roots are zero.',
]

/** What the amounts that a block adds depend on. While it changes, one block's amounts only approximate those of others. */
const MOVES_INCREMENTS: ReadonlySet<string> = new Set([
  'SubtensorModule.RootProp',
  'SubtensorModule.SubnetMovingPrice',
  'Swap.SwapBalancer',
])

/** How a jump is listed among what was mocked. */
export function describeJump({ skipped, credited, notReplayed }: Jump): string {
  const kept = notReplayed.length === 0 ? '' : `; not replayed in them: ${notReplayed.join(', ')}`
  const drift = notReplayed.some((item) => MOVES_INCREMENTS.has(item))
    ? ' Root proportion and prices move from block to block, so these amounts are approximate.'
    : ''
  return `${skipped} of ${skipped + 2} blocks up to an epoch's were credited by the runtime's own per-block increments (${credited.join(', ')})${kept}.${drift}`
}

/** Drives one arm through epochs, one record each, in the order of the blocks.
 *
 *  Records are made one by one: keep none of them longer than needed, each holds the arm's reward storage twice.
 *  @param onProgress called after each block that was executed, with the epochs done so far
 *  @throws E501 when an epoch does not fire where it is due, E502 when a subnet never has one, E503 when the runtime fails,
 *  E504 when the feed is behind the replay, E505 when a jump would cross a change of the emission; the signal's reason when
 *  it is aborted */
export async function* replayEpochs(
  arm: EngineArm,
  plan: ReplayPlan,
  onProgress: (progress: { readonly epochs: number; readonly block: number }) => void = () => undefined,
  signal?: AbortSignal,
): AsyncGenerator<EpochRecord, void, void> {
  const { codec, mode, netuids } = plan
  const state = await followState(arm, codec)
  const steps = feedInOrder(plan.feed, plan.head.number)
  const done = new Map(netuids.map((netuid) => [netuid, 0]))
  const epochsDone = () => [...done.values()].reduce((sum, count) => sum + count, 0)
  const jumps: Jump[] = []
  const claims = ['SubtensorModule', 'RootClaimed'] as const
  const claimsPrefix = codec.has(...claims) ? codec.prefix(...claims) : undefined
  const claimsRoot = (diff: StorageDiff) =>
    claimsPrefix !== undefined && diff.some(([key]) => key.startsWith(claimsPrefix))
  let block = plan.head.number
  let hash = plan.head.hash

  const nextHeader = (): Hex => {
    block += 1
    const header = encodeHeader({ number: block, parentHash: hash, digest: plan.digest?.(block) ?? EMPTY_DIGEST })
    hash = headerHash(header)
    return header
  }
  const write = async (diff: StorageDiff): Promise<void> => {
    if (diff.length === 0) return
    await arm.write(diff)
    state.apply(diff)
  }
  const feedBefore = async (next: number): Promise<void> => {
    for (let step = steps[0]; step !== undefined && step.block <= next; step = steps[0]) {
      await write(await feedWrites(arm, step))
      steps.shift()
    }
  }
  const open = async (commit: boolean): Promise<CallResult> => {
    signal?.throwIfAborted()
    const header = nextHeader()
    try {
      return await arm.call('Core_initialize_block', header, { commit })
    } catch (cause) {
      if (!(cause instanceof EpochdiffError)) throw cause
      throw runtimeFailedInReplay({ block, epoch: epochsDone(), cause: cause.short }, { cause })
    }
  }

  for (const netuid of netuids) {
    const reason = !subnetsOf(codec, state.entries).includes(netuid)
      ? 'the fork has no such subnet'
      : nextDueBlock(codec, state.entries, netuid, block) === undefined
        ? 'its tempo is 0'
        : undefined
    if (reason !== undefined) throw subnetNeverDue({ netuid, reason })
  }

  while ([...done.values()].some((count) => count < plan.epochs)) {
    const due = dueBlocks(codec, state.entries, block)
    const target = Math.min(...due.values())
    let jumped = false
    while (block + 1 < target) {
      const skipped = mode === 'jump' ? target - block - 2 : 0
      await feedBefore(block + 1)
      const { storageDiff } = await open(skipped === 0)
      if (skipped === 0) state.apply(storageDiff)
      else if (claimsRoot(storageDiff)) {
        // A claim sells alpha once: its sums must not be credited to other blocks. The next block is tried instead.
        await write(storageDiff)
      } else {
        const keys = counterKeys(codec, storageDiff)
        const values = await arm.read(keys)
        const before = new Map(keys.map((key, index) => [key, values[index] ?? null]))
        const { writes, credited, notReplayed } = creditBlocks(codec, storageDiff, before, skipped)
        await write([...new Map([...storageDiff, ...writes])])
        while (block + 1 < target) nextHeader()
        await write([[codec.key('System', 'Number'), codec.encode('System', 'Number', block)]])
        jumps.push({ skipped, credited, notReplayed })
        jumped = true
      }
      onProgress({ epochs: epochsDone(), block })
    }

    await feedBefore(target)
    const pre = new Map(state.entries)
    const call = await open(true)
    state.apply(call.storageDiff)
    onProgress({ epochs: epochsDone(), block })
    if (jumped) sameEmission(codec, pre, state.entries, block)

    const wanted = netuids.filter((netuid) => due.get(netuid) === target && (done.get(netuid) ?? 0) < plan.epochs)
    if (wanted.length === 0) continue
    const post = new Map(state.entries)
    const eventsKey = codec.key('System', 'Events')
    const [events = null] = await arm.read([eventsKey])
    for (const netuid of wanted) {
      const reason = reasonNotFired(codec, post, netuid, block)
      if (reason !== undefined) throw epochNotFired({ netuid, block, reason })
      const epoch = done.get(netuid) ?? 0
      done.set(netuid, epoch + 1)
      yield {
        epoch,
        netuid,
        block,
        pre,
        post,
        storageDiff: call.storageDiff,
        events,
        jumps: jumps.splice(0),
        logs: call.logs,
        mockedHostFunctions: call.mockedHostFunctions,
      }
    }
  }
}

/** The next due block of every subnet that has one. */
function dueBlocks(codec: StorageCodec, entries: ReadonlyMap<Hex, Hex>, block: number): ReadonlyMap<number, number> {
  const due = new Map<number, number>()
  for (const netuid of subnetsOf(codec, entries)) {
    const next = nextDueBlock(codec, entries, netuid, block)
    if (next !== undefined) due.set(netuid, next)
  }
  return due
}

function feedInOrder({ steps }: Feed, head: number): FeedStep[] {
  let last = head
  for (const step of steps) {
    if (step.block <= last) throw feedBehindReplay({ feedBlock: step.block, block: last })
    last = step.block
  }
  return [...steps]
}

async function feedWrites(arm: EngineArm, step: FeedStep): Promise<StorageDiff> {
  const keys = feedStepReads(step)
  const values = keys.length === 0 ? [] : await arm.read(keys)
  const read = new Map(keys.map((key, index) => [key, values[index] ?? null]))
  return applyFeedStep((key) => read.get(key) ?? null, step)
}

/** A subnet's alpha emission halves as it grows. Across a halving no single increment stands for all skipped blocks. */
function sameEmission(
  codec: StorageCodec,
  before: ReadonlyMap<Hex, Hex>,
  after: ReadonlyMap<Hex, Hex>,
  block: number,
): void {
  for (const netuid of subnetsOf(codec, before)) {
    const key = codec.key('SubtensorModule', 'SubnetAlphaOutEmission', netuid)
    if (before.get(key) !== after.get(key)) throw emissionNotConstant({ netuid, block })
  }
}
