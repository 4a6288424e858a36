// A fork over a network with 100 ms of latency: round trips and time from nothing to the first epoch of a 256-uid subnet, beside
// Chopsticks forking the same node by its own means, which reads key by key. Needs the compiled harness (npm run build).
import { setTimeout as sleep } from 'node:timers/promises'
import { openEngine } from '../dist/engine/openEngine.js'
import { blockHash } from '../dist/fork/blockHeader.js'
import { openRpcFork } from '../dist/fork/rpc/rpcFork.js'
import { neededState } from '../dist/replay/neededState.js'
import { encodeHeader } from '../dist/replay/header.js'
import { replayEpochs } from '../dist/replay/replayEpochs.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { openSlowNode } from './slowNode.js'
import { subnet31 } from './subnet31.js'

const latencyMs = 100
const targets = { roundTrips: 60, ratio: 10 }
const { wasm } = loadPrebuilt('epochdiff_runtime')

async function firstEpoch(arm, plan) {
  for await (const record of replayEpochs(arm, plan)) return record
}

const native = await openEngine('native')
const { codec, fork, feed } = await subnet31(native, wasm)
const zero = `0x${'00'.repeat(32)}`
const { number } = fork.header
const header = { parentHash: zero, number, stateRoot: zero, extrinsicsRoot: zero, digest: [] }
const node = await openSlowNode(fork.storage, header, latencyMs)
const head = { number, hash: blockHash(header) }
const plan = { codec, head, netuids: [31], epochs: 1, mode: 'jump', feed }
try {
  let startedAt = performance.now()
  const chain = await openRpcFork([node.http], 'finalized', { cache: undefined })
  await chain.prefetch(neededState(codec))
  const { storage, remote } = chain.state()
  const ours = await firstEpoch(await native.openArm({ name: 'bench', wasm, storage, remote }), plan)
  const oursMs = performance.now() - startedAt
  const { roundTrips } = chain.statistics()
  await chain.close()
  console.log(`epochdiff            ${(oursMs / 1000).toFixed(1)} s, ${roundTrips} round trips to the first epoch`)

  const before = node.counted.roundTrips
  process.env.LOG_LEVEL ??= 'error'
  const { setup } = await import('@acala-network/chopsticks-core')
  startedAt = performance.now()
  const block = { endpoint: node.http, block: head.hash, mockSignatureHost: true, allowUnresolvedImports: true }
  const forked = await setup(block)
  // The epoch's block alone: what the replay reads of its own is not asked of it.
  const numberKey = codec.key('System', 'Number')
  forked.head.pushStorageLayer().set(numberKey, codec.encode('System', 'Number', ours.block - 1))
  const opened = encodeHeader({ number: ours.block, parentHash: head.hash })
  const call = forked.head.call('Core_initialize_block', [opened])
  // Key by key it takes many minutes: past the limit, which is far enough to tell the target, the time is a lower bound.
  const limitMs = Math.max(60_000, 1.2 * targets.ratio * oursMs)
  const finished = await Promise.race([call.then(() => true), sleep(limitMs, false, { ref: false })])
  const theirsMs = performance.now() - startedAt
  const keys = node.counted.roundTrips - before
  const ratio = theirsMs / oursMs
  const atLeast = finished ? '' : 'at least '
  console.log(
    `Chopsticks           ${atLeast}${(theirsMs / 1000).toFixed(1)} s, ${atLeast}${keys} round trips for the epoch's block alone`,
  )
  console.log(
    `ratio ${atLeast}${ratio.toFixed(1)}; targets: at most ${targets.roundTrips} round trips, at least ${targets.ratio} times faster`,
  )
  if (roundTrips > targets.roundTrips || ratio < targets.ratio) process.exitCode = 1
} finally {
  node.close()
  await native.close()
}
// Chopsticks may still be reading.
process.exit()
