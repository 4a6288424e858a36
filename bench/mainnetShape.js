// The made-up chain of mainnet's shape (129 subnets, 30,000 uids) in two arms: every block up to an epoch some blocks away, with the
// times of blocks and the peak memory of the whole process. Needs the compiled harness (npm run build).
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { openEngine } from '../dist/engine/openEngine.js'
import { openBuiltInFork } from '../dist/fork/builtInFork.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'
import { followState } from '../dist/replay/followedState.js'
import { replayEpochs } from '../dist/replay/replayEpochs.js'
import { nextDueBlock } from '../dist/replay/schedule.js'
import { checkPolicyParams } from '../dist/runtime/policies.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { weave } from '../dist/runtime/weave.js'

const LIMIT_GIB = 4
/** The epoch is the first one at least so many blocks away; a subnet's epoch fires in every third of them. */
const BLOCKS = 20

const { wasm } = loadPrebuilt('epochdiff_runtime')
const candidate = weave(wasm, [checkPolicyParams('stake-cap', { percentile: 88 })]).wasm
const engine = await openEngine('native')
const metadataArm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
const codec = createStorageCodec((await metadataArm.call('Metadata_metadata', '0x')).result)
await metadataArm.close()

const forkFile = new URL('../scenarios/mainnet-shape.fork.yaml', import.meta.url)
const { data, ...spec } = parse(readFileSync(forkFile, 'utf8'))
const drawnAt = performance.now()
const makeFork = await openBuiltInFork(spec, fileURLToPath(new URL(data, forkFile)))
const { fork, feed } = makeFork(codec, wasm, 1)
console.log(`drawn: ${fork.storage.size} entries in ${((performance.now() - drawnAt) / 1000).toFixed(1)} s`)

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/** @returns what an arm took: to read the state, to run its first block, a later one, and all of them */
async function run(name, code) {
  const arm = await engine.openArm({ name, wasm: code, storage: fork.storage })
  const startedAt = performance.now()
  const { entries, subnets } = await followState(arm, codec)
  const loadedAt = performance.now()
  const [[block, netuid]] = subnets()
    .map((netuid) => [nextDueBlock(codec, entries, netuid, fork.header.number) ?? Infinity, netuid])
    .filter(([block]) => block >= fork.header.number + BLOCKS)
    .sort(([a], [b]) => a - b)
  const marks = [performance.now()]
  const plan = { codec, head: fork.header, netuids: [netuid], epochs: 1, mode: 'blocks', feed }
  for await (const record of replayEpochs(arm, plan, () => marks.push(performance.now()))) {
    const blocks = marks.slice(1).map((mark, index) => mark - marks[index])
    const later = blocks.slice(1).sort((a, b) => a - b)
    const parts = [
      `state ${seconds(loadedAt - startedAt)}`,
      // Reading the state once more, compiling and sorting its keys are in it.
      `first block ${seconds(blocks[0])}`,
      `later blocks ${seconds(later[0])} to ${seconds(later.at(-1))}, median ${seconds(later[later.length >> 1])}`,
      `epoch of subnet ${record.netuid} after ${seconds(performance.now() - loadedAt)} (block +${block - fork.header.number}, ${record.storageDiff.length} keys)`,
    ]
    await arm.close()
    return `${name}: ${parts.join(', ')}`
  }
  throw new Error('No epoch fired.')
}

const lines = await Promise.all([run('baseline', wasm), run('candidate', candidate)])
await engine.close()
for (const line of lines) console.log(line)
const peakGib = process.resourceUsage().maxRSS / 1024 / 1024
const { userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(`processor time ${seconds((userCPUTime + systemCPUTime) / 1000)}`)
console.log(`peak memory ${peakGib.toFixed(2)} GiB; target: under ${LIMIT_GIB} GiB`)
if (peakGib >= LIMIT_GIB) process.exitCode = 1
