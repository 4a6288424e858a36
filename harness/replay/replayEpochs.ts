import type { CallResult, EngineArm, StorageDiff } from '../engine/engine.js'
import { hookFaults } from '../errors/hookFaults.js'
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
import { completeBlock } from './completeBlock.js'
import { policyRefusal } from '../runtime/policyRefusal.js'
import { counterKeys, creditBlocks } from './credit.js'
import type { EpochRecord, Jump } from './epochRecord.js'
import { type FollowedState, followState } from './followedState.js'
import { EMPTY_DIGEST, encodeHeader, headerHash } from './header.js'
import { emissionTally, paysABlockLater, rootDivides } from './laterPayment.js'
import { nextDueBlock, reasonNotFired } from './schedule.js'
import { slotDigest, slotInherents, type Slots } from './slots.js'

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
  /** Changes an arm at the end of its first block, once; returns what it changed. */
  readonly afterFirst?: ((arm: EngineArm) => Promise<StorageDiff>) | undefined
  /** In a jump, the first block whose increments may stand for skipped ones; any when absent. */
  readonly creditFrom?: number
  /** What headers say of time; `undefined`: they carry no digest. */
  readonly slots?: Slots | undefined
  /** Blocks take their inherents and are finalised. Needs slots. Otherwise they are only opened: their rewards are paid then. */
  readonly completesBlocks?: boolean
}

/** What a replay leaves out, for the list of what was mocked; each jump adds its own line (`describeJump`). */
export function replayMocks({
  slots,
  completesBlocks = false,
}: Pick<ReplayPlan, 'slots' | 'completesBlocks'>): string[] {
  const blocks = completesBlocks
    ? 'Blocks hold the inherents that the runtime makes of timestamp and slot, and no other extrinsics; extrinsics of the chain, keepers and off-chain workers are not replayed; state roots are zero, and the hash of a block is that of the header that it was opened with.'
    : 'Blocks are opened (Core_initialize_block), not finalised: no inherents, no extrinsics, no on_idle and on_finalize hooks; state and extrinsics roots are zero.'
  if (slots === undefined) return [blocks]
  const author = slots.consensus === 'babe' ? 'secondary slots, no VRF output, no seal' : 'no seal'
  return [
    blocks,
    `Headers carry a digest of ${slots.consensus === 'babe' ? 'Babe' : 'Aura'}, one slot of ${slots.durationMs} ms a block (${author}): nobody authors them.`,
  ]
}

/** What the amounts that a block adds depend on. While it changes, one block's amounts only approximate those of others. */
const MOVES_INCREMENTS: ReadonlySet<string> = new Set([
  'SubtensorModule.RootProp',
  'SubtensorModule.SubnetMovingPrice',
  'Swap.SwapBalancer',
  'Swap.AlphaSqrtPrice',
])

/** Stakes: a block that changes one pays. */
const PAID_IN = ['RootClaimed', 'TotalHotkeyAlpha', 'TotalHotkeyStake', 'Stake']

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
  const tally = paysABlockLater(codec) ? emissionTally(codec) : undefined
  /** Epochs that the next block pays. */
  const unsettled: EpochRecord[] = []
  /** After a block's call that was committed: what it did, and how many blocks it stands for. */
  const opened = (diff: StorageDiff, blocks = 1): EpochRecord[] => {
    state.apply(diff)
    tally?.count(state, blocks)
    return unsettled.splice(0).map((record) => ({ ...record, settled: new Map(state.entries) }))
  }
  /** Host functions that the engine answered for since the last record. */
  const mocked = new Set<string>()
  const paid = PAID_IN.map((item) => ['SubtensorModule', item] as const)
    .filter((path) => codec.has(...path))
    .map((path) => codec.prefix(...path))
  const pays = (diff: StorageDiff) => diff.some(([key]) => paid.some((prefix) => key.startsWith(prefix)))
  let block = plan.head.number
  let hash = plan.head.hash

  const nextHeader = (): Hex => {
    block += 1
    const digest = plan.slots === undefined ? EMPTY_DIGEST : slotDigest(plan.slots, slotOf(plan.slots))
    const header = encodeHeader({ number: block, parentHash: hash, digest })
    // Not of the header as the runtime closes it: its root, and digests that hold one, are by what an engine makes of roots, and
    // what a proposal adds to a digest must not draw other claims.
    hash = headerHash(header)
    return header
  }
  /** Of the present block. */
  const slotOf = ({ headSlot }: Slots): bigint => headSlot + BigInt(block - plan.head.number)
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
    return call('Core_initialize_block', nextHeader(), commit)
  }
  const call = async (fn: string, args: Hex, commit: boolean): Promise<CallResult> => {
    try {
      return await arm.call(fn, args, { commit })
    } catch (cause) {
      // A fault of a hook says itself where and what, and so does a state that cannot be read (E2xx): neither is the runtime's.
      if (!(cause instanceof EpochdiffError) || hookFaults.includes(cause.code) || cause.code.startsWith('E2'))
        throw cause
      throw policyRefusal(cause) ?? runtimeFailedInReplay({ block, epoch: epochsDone(), cause: cause.short }, { cause })
    }
  }
  let afterFirst = plan.afterFirst
  /** The rest of the block that was opened and committed.
   *  @returns what it changed */
  const complete = async (): Promise<StorageDiff> => {
    const rest = await finalise()
    state.apply((await afterFirst?.(arm)) ?? [])
    afterFirst = undefined
    return rest
  }
  const finalise = async (): Promise<StorageDiff> => {
    const { slots, completesBlocks = false } = plan
    if (!completesBlocks || slots === undefined) return []
    const done = await completeBlock((fn, args) => call(fn, args, true), block, slotInherents(slots, slotOf(slots)))
    for (const name of done.mockedHostFunctions) mocked.add(name)
    for (const diff of done.storageDiffs) state.apply(diff)
    return done.storageDiffs.flat()
  }

  for (const netuid of netuids) {
    const reason = !state.subnets().includes(netuid)
      ? 'the fork has no such subnet'
      : nextDueBlock(codec, state.entries, netuid, block) === undefined
        ? 'its tempo is 0'
        : undefined
    if (reason !== undefined) throw subnetNeverDue({ netuid, reason })
  }

  while ([...done.values()].some((count) => count < plan.epochs)) {
    const due = dueBlocks(codec, state, block)
    const target = Math.min(...due.values())
    let jumped = false
    while (block + 1 < target) {
      const skipped = mode === 'jump' && block + 1 >= (plan.creditFrom ?? 0) ? target - block - 2 : 0
      await feedBefore(block + 1)
      const { storageDiff, mockedHostFunctions } = await open(skipped === 0)
      for (const name of mockedHostFunctions) mocked.add(name)
      if (skipped === 0) {
        yield* opened(storageDiff)
        await complete()
      } else if (pays(storageDiff)) {
        // What is paid once (a root claim sold, the emission of an epoch paid a block later) must not be credited to other
        // blocks. The next block is tried instead.
        await arm.write(storageDiff)
        yield* opened(storageDiff)
        await complete()
      } else {
        const keys = counterKeys(codec, storageDiff)
        const values = await arm.read(keys)
        const before = new Map(keys.map((key, index) => [key, values[index] ?? null]))
        await arm.write(storageDiff)
        yield* opened(storageDiff, 1 + skipped)
        const changed = new Set(storageDiff.map(([key]) => key))
        const rest = (await complete()).filter(([key]) => changed.has(key))
        const whole = [...new Map([...storageDiff, ...rest])]
        const { writes, credited, notReplayed } = creditBlocks(codec, whole, before, skipped)
        await write(writes)
        while (block + 1 < target) nextHeader()
        await write([[codec.key('System', 'Number'), codec.encode('System', 'Number', block)]])
        jumps.push({ skipped, credited, notReplayed })
        jumped = true
      }
      onProgress({ epochs: epochsDone(), block })
    }

    await feedBefore(target)
    const wanted = netuids.filter((netuid) => due.get(netuid) === target && (done.get(netuid) ?? 0) < plan.epochs)
    // A copy of a whole chain's state: only for the epochs that are recorded.
    const pre = new Map(wanted.length > 0 ? state.entries : [])
    const emissions = jumped ? alphaEmissions(codec, state) : undefined
    const called = await open(true)
    for (const name of called.mockedHostFunctions) mocked.add(name)
    yield* opened(called.storageDiff)
    onProgress({ epochs: epochsDone(), block })
    if (emissions !== undefined) {
      const now = alphaEmissions(codec, state)
      for (const [netuid, rao] of emissions) {
        if (now.get(netuid) !== rao) throw emissionNotConstant({ netuid, block })
      }
    }

    if (wanted.length === 0) {
      await complete()
      continue
    }
    const post = new Map(state.entries)
    const eventsKey = codec.key('System', 'Events')
    const [events = null] = await arm.read([eventsKey])
    await complete()
    for (const netuid of wanted) {
      const reason = reasonNotFired(codec, post, netuid, block)
      if (reason !== undefined) throw epochNotFired({ netuid, block, reason })
      const epoch = done.get(netuid) ?? 0
      done.set(netuid, epoch + 1)
      const record: EpochRecord = {
        epoch,
        netuid,
        block,
        pre,
        post,
        storageDiff: called.storageDiff,
        events,
        jumps: jumps.splice(0),
        logs: called.logs,
        mockedHostFunctions: [...mocked].sort(),
        movedByHook: called.poolMoves?.get(netuid) ?? 0n,
      }
      if (tally === undefined) yield record
      else unsettled.push({ ...record, emissions: tally.take(netuid) })
    }
  }
  if (unsettled.length > 0) {
    await feedBefore(block + 1)
    const { storageDiff } = await open(true)
    yield* opened(storageDiff)
  }
}

/** The next due block of every subnet that has one. */
function dueBlocks(codec: StorageCodec, state: FollowedState, block: number): ReadonlyMap<number, number> {
  const due = new Map<number, number>()
  const root = rootDivides(codec) ? [0] : []
  for (const netuid of [...root, ...state.subnets()]) {
    const next = nextDueBlock(codec, state.entries, netuid, block)
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

/** Each subnet's alpha emission in the last block. It halves as the subnet grows: across a halving no single increment stands for all
 *  skipped blocks. */
function alphaEmissions(codec: StorageCodec, state: FollowedState): ReadonlyMap<number, Hex | undefined> {
  if (!codec.has('SubtensorModule', 'SubnetAlphaOutEmission')) return new Map()
  const emission = (netuid: number) => state.entries.get(codec.key('SubtensorModule', 'SubnetAlphaOutEmission', netuid))
  return new Map(state.subnets().map((netuid) => [netuid, emission(netuid)]))
}
