// A run on a chain of mainnet's shape (129 subnets, 30,000 uids) that is read from a node 100 ms away over WebSocket: both arms to an
// epoch of three subnets. The node is a process of its own. Needs the compiled harness (npm run build).
//   node bench/mainnetFork.js [part of each subnet's uids, 1 if left out]
import { fork as startProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { openEngine } from '../dist/engine/openEngine.js'
import { openBuiltInFork } from '../dist/fork/builtInFork.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'
import { subnetsOf, nextDueBlock } from '../dist/replay/schedule.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { loadScenario } from '../dist/scenario/loadScenario.js'
import { overrideFork } from '../dist/scenario/overrideFork.js'
import { runScenario } from '../dist/scenario/runScenario.js'
import { openSlowNode } from './slowNode.js'

const LATENCY_MS = 100
/** Of the first subnets with an epoch at least so many blocks away. */
const BLOCKS = 20
const SUBNETS = 3
const LIMIT_GIB = 4
const [uidScale = '1', role] = process.argv.slice(2)

async function serve() {
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const engine = await openEngine('native')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  const codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
  await engine.close()
  const forkFile = new URL('../scenarios/mainnet-shape.fork.yaml', import.meta.url)
  const { data, ...spec } = parse(readFileSync(forkFile, 'utf8'))
  const makeFork = await openBuiltInFork(
    { ...spec, uidScale: Number(uidScale) },
    fileURLToPath(new URL(data, forkFile)),
  )
  const { fork } = makeFork(codec, wasm, 1)
  const zero = `0x${'00'.repeat(32)}`
  const { number } = fork.header
  const header = { parentHash: zero, number, stateRoot: zero, extrinsicsRoot: zero, digest: [] }
  const node = await openSlowNode(fork.storage, header, LATENCY_MS)
  const netuids = subnetsOf(codec, fork.storage)
    .map((netuid) => ({ netuid, block: nextDueBlock(codec, fork.storage, netuid, number) ?? Infinity }))
    .filter(({ block }) => block >= number + BLOCKS)
    .sort((a, b) => a.block - b.block)
    .slice(0, SUBNETS)
    .map(({ netuid }) => netuid)
  process.send({ url: node.ws, entries: fork.storage.size, netuids })
  process.on('message', () => process.send(node.counted))
}

async function measure() {
  const child = startProcess(fileURLToPath(import.meta.url), [uidScale, 'node'])
  const [{ url, entries, netuids }] = await once(child, 'message')
  const file = fileURLToPath(new URL('../scenarios/mainnet-shape-stake-cap.yaml', import.meta.url))
  const written = await loadScenario(file, ['replay.epochs=1'])
  const mode = { ...written.scenario.replay, mode: 'jump' }
  const onChain = { ...written, scenario: { ...written.scenario, runtime: 'on-chain', subnets: netuids, replay: mode } }
  const loaded = overrideFork(onChain, { rpc: [url], block: 'finalized', snapshot: undefined })
  const startedAt = performance.now()
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  const asked = async () => {
    child.send('counted')
    const [{ roundTrips, bytes }] = await once(child, 'message')
    return `${roundTrips} round trips, ${(bytes / 2 ** 20).toFixed(0)} MiB`
  }
  let keys = 0
  const progress = {
    step: (title) => console.log(`${seconds()}: ${title}${keys > 0 ? ` (${keys} keys)` : ''}`),
    tick: () => undefined,
    fetched: (fetched) => (keys = fetched.keys),
  }
  console.log(`a node ${LATENCY_MS} ms away with ${entries} entries; an epoch of subnets ${netuids.join(', ')}`)
  const result = await runScenario(loaded, {
    engine: 'native',
    toolVersion: 'bench',
    progress,
    signal: new AbortController().signal,
    onReplayed: async () => console.log(`${seconds()}: both arms done, ${await asked()}`),
  })
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const peakGib = maxRSS / 2 ** 20
  console.log(`${seconds()}: the result, ${result.epochs.length} epochs, ${await asked()}`)
  console.log(`processor time ${((userCPUTime + systemCPUTime) / 1e6).toFixed(0)} s`)
  console.log(`peak memory ${peakGib.toFixed(2)} GiB; target: under ${LIMIT_GIB} GiB`)
  child.kill()
  if (peakGib >= LIMIT_GIB) process.exitCode = 1
}

await (role === 'node' ? serve() : measure())
