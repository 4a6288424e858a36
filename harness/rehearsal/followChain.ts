import type { Engine } from '../engine/engine.js'
import type { EpochdiffError } from '../errors/epochdiffError.js'
import { migrationTooHeavy, nodesDisagree, upgradeRefused } from '../errors/rehearsal.js'
import { describeKey } from '../fork/describeKey.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { CODE_KEY } from '../fork/storageParts.js'
import { runtimeEvents } from '../patch/runtimeEvents.js'
import { blockLedger, ledgerEntries, ledgerPrefixes, requireSameLedger, subnetsPaid } from './epochLedgers.js'
import type { ChainBlock, NodeRpc } from './nodeRpc.js'
import { mostRefTime, type PreparedRehearsal, type UpgradeStep } from './prepareRehearsal.js'
import type { RehearsalResult } from './rehearsalResult.js'
import { type BlockReplay, type ExecutedBlock, openBlockReplay } from './replayBlocks.js'

/** A block of the chain as the engine has repeated it. */
type FollowedBlock = Omit<RehearsalResult['blocks'][number], 'finalityMs'>
type EpochRow = RehearsalResult['epochs'][number]

/** Repeats a chain block by block on the native engine and compares: state roots of all blocks, ledgers of all epochs. */
export interface ChainFollower {
  /** Blocks that were repeated, in order; the genesis is none of them. */
  readonly blocks: readonly FollowedBlock[]
  readonly recorded: readonly ChainBlock[]
  readonly epochs: readonly EpochRow[]
  /** Extrinsics of the upgrade that blocks held so far. */
  readonly stepsDone: number
  /** The next block of the node's chain.
   *  @throws E805 an extrinsic of the upgrade that did nothing, E808 another state, E809 another ledger; E401 when the engine cannot run it,
   *  E511 when the ledger does not explain it */
  follow(node: NodeRpc, hash: Hex): Promise<void>
  /** What the engine says of the block that would follow.
   *  @returns why it cannot be opened; `undefined` if it can */
  whyNoNext(): Promise<string | undefined>
  /** @throws E811 when the candidate's first block weighs more than a block may */
  requireWeight(millis: number): void
  close(): Promise<void>
}

const prefixOfAll: Hex = '0x'

export async function followChain(
  engine: Engine,
  prepared: PreparedRehearsal,
  isStep: (extrinsic: Hex) => UpgradeStep | undefined,
): Promise<ChainFollower> {
  const replay = await openBlockReplay(engine, prepared.genesis)
  const blocks: FollowedBlock[] = []
  const recorded: ChainBlock[] = []
  const epochs: EpochRow[] = []
  let stepsDone = 0
  let firstWeight: { block: number; weight: bigint; most: bigint } | undefined

  const compareEpochs = async (
    node: NodeRpc,
    block: ChainBlock,
    { codec, specVersion, replaced }: ExecutedBlock,
    netuids: readonly number[],
  ): Promise<void> => {
    if (netuids.length === 0) return
    const { hash, header } = block
    const prefixes = ledgerPrefixes(codec)
    const theirs = { pre: await node.entries(header.parentHash, prefixes), post: await node.entries(hash, prefixes) }
    const before = new Map(replay.state)
    for (const [key, value] of replaced) {
      if (value === null) before.delete(key)
      else before.set(key, value)
    }
    const ours = { pre: ledgerEntries(codec, before), post: ledgerEntries(codec, replay.state) }
    const moved = specVersion === prepared.candidate.specVersion ? prepared.movedRao : () => 0n
    for (const netuid of netuids) {
      const at = { netuid, epoch: 0, block: header.number }
      const [nodes, engineLedger] = [blockLedger(codec, at, theirs, moved), blockLedger(codec, at, ours, moved)]
      requireSameLedger(nodes, engineLedger, header.number)
      const total = ({ totals }: typeof nodes) => String(totals.reduce((sum, { paidRao }) => sum + paidRao, 0n))
      epochs.push({
        netuid,
        block: header.number,
        specVersion,
        accounts: nodes.entries.length,
        nodesRao: total(nodes),
        engineRao: total(engineLedger),
      })
    }
  }

  return {
    blocks,
    recorded,
    epochs,
    get stepsDone() {
      return stepsDone
    },
    async follow(node, hash) {
      const block = await node.block(hash)
      const { header, extrinsics } = block
      const executed = await replay.execute(block)
      const { codec, specVersion, changes } = executed
      recorded.push(block)
      const root = replay.root()
      if (root !== header.stateRoot) {
        throw await firstDifference(node, block, codec, replay, root)
      }
      for (const extrinsic of extrinsics) {
        const step = isStep(extrinsic)
        if (step === undefined) continue
        requireDone(step, codec, replay.state, header.number)
        stepsDone += 1
      }
      const upgrades = changes.some(([key]) => key === CODE_KEY)
      const previous = blocks.at(-1)
      if (previous?.upgrades === true) {
        firstWeight = { block: header.number, weight: refTimeOf(codec, replay.state), most: mostRefTime(codec) }
      }
      const paid = subnetsPaid(codec, replay.state, header.number)
      blocks.push({
        number: header.number,
        hash,
        stateRoot: root,
        specVersion,
        extrinsics: extrinsics.length,
        epochs: paid,
        upgrades,
      })
      await compareEpochs(node, block, executed, paid)
    },
    async whyNoNext() {
      const last = recorded.at(-1)
      if (last === undefined) return undefined
      const { header, hash } = last
      const digest = header.digest.map(nextSlot)
      return replay.whyNotOpened({ ...header, number: header.number + 1, parentHash: hash, digest })
    },
    requireWeight(millis) {
      if (firstWeight !== undefined && firstWeight.weight > firstWeight.most) {
        throw migrationTooHeavy({ ...firstWeight, millis })
      }
    },
    close: () => replay.close(),
  }
}

/** Aura's digest item of the slot after; any other as it is. */
function nextSlot(item: Hex): Hex {
  const head = `0x06${Buffer.from('aura').toString('hex')}20`
  if (!item.startsWith(head)) return item
  const slot = Buffer.from(item.slice(head.length), 'hex')
  slot.writeBigUInt64LE(slot.readBigUInt64LE() + 1n)
  return `${head}${slot.toString('hex')}` as Hex
}

/** What a block weighs, all classes together. */
function refTimeOf(codec: StorageCodec, state: ReadonlyMap<Hex, Hex>): bigint {
  const raw = state.get(codec.key('System', 'BlockWeight')) ?? null
  const classes = codec.decode('System', 'BlockWeight', raw) as Record<string, { ref_time: bigint }>
  return Object.values(classes).reduce((sum, { ref_time }) => sum + ref_time, 0n)
}

/** An extrinsic of the upgrade that is in a block may still have done nothing: its events say.
 *  @throws E805 */
function requireDone(
  { name, event }: UpgradeStep,
  codec: StorageCodec,
  state: ReadonlyMap<Hex, Hex>,
  block: number,
): void {
  const events = runtimeEvents(codec, state.get(codec.key('System', 'Events')) ?? null)
  const sudid = events.find(({ name: found }) => found === 'Sudo.Sudid')?.fields as { sudo_result?: object } | undefined
  const failed = sudid !== undefined && JSON.stringify(sudid).includes('Err')
  if (!failed && events.some(({ name: found }) => found === event)) return
  const seen = events.map((each) => each.name).filter((each) => /^(System|Sudo)\./.test(each))
  const reason = `its block ${block} has no event ${event}, but ${seen.join(', ')}`
  throw upgradeRefused({ step: name, reason })
}

async function firstDifference(
  node: NodeRpc,
  { hash, header }: ChainBlock,
  codec: StorageCodec,
  { state }: BlockReplay,
  root: Hex,
): Promise<EpochdiffError> {
  const theirs = await node.entries(hash, [prefixOfAll])
  const keys = [...new Set([...theirs.keys(), ...state.keys()])].sort()
  const key = keys.find((each) => theirs.get(each) !== state.get(each))
  const shown = (value: Hex | undefined) => (value === undefined ? 'no entry' : value.slice(0, 80))
  if (key === undefined) {
    return nodesDisagree({ block: header.number, key: 'the state root', node: header.stateRoot, engine: root })
  }
  return nodesDisagree({
    block: header.number,
    key: describeKey(codec, key),
    node: shown(theirs.get(key)),
    engine: shown(state.get(key)),
  })
}
