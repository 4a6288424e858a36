// The made-up chain of mainnet's shape (129 subnets, 30,000 uids) in two arms: one ordinary block, then one block with an epoch, with the
// time and the peak memory of the whole process. Needs the compiled harness (npm run build).
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { openEngine } from '../dist/engine/openEngine.js'
import { openBuiltInFork } from '../dist/fork/builtInFork.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'
import { followState } from '../dist/replay/followedState.js'
import { replayEpochs } from '../dist/replay/replayEpochs.js'
import { nextDueBlock, subnetsOf } from '../dist/replay/schedule.js'
import { checkPolicyParams } from '../dist/runtime/policies.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { weave } from '../dist/runtime/weave.js'

const LIMIT_GIB = 4

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

/** @returns seconds of an ordinary block, and of all the blocks up to and with the first epoch */
async function run(name, code) {
  const arm = await engine.openArm({ name, wasm: code, storage: fork.storage })
  const startedAt = performance.now()
  const { entries } = await followState(arm, codec)
  const loadedAt = performance.now()
  const due = subnetsOf(codec, entries)
    .map((netuid) => [nextDueBlock(codec, entries, netuid, fork.header.number) ?? Infinity, netuid])
    .sort(([a], [b]) => a - b)
  const [[block, netuid]] = due
  const marks = []
  const plan = { codec, head: fork.header, netuids: [netuid], epochs: 1, mode: 'jump', feed }
  const records = replayEpochs(arm, plan, () => marks.push(performance.now()))
  for await (const record of records) {
    const [first = loadedAt] = marks
    const result = {
      line: `${name}: state ${((loadedAt - startedAt) / 1000).toFixed(1)} s, first block after ${((first - loadedAt) / 1000).toFixed(1)} s, epoch of subnet ${record.netuid} at ${((performance.now() - loadedAt) / 1000).toFixed(1)} s (block +${block - fork.header.number}, ${record.storageDiff.length} keys)`,
    }
    await arm.close()
    return result.line
  }
  throw new Error('No epoch fired.')
}

const lines = await Promise.all([run('baseline', wasm), run('candidate', candidate)])
await engine.close()
for (const line of lines) console.log(line)
const peakGib = process.resourceUsage().maxRSS / 1024 / 1024
console.log(`peak memory ${peakGib.toFixed(2)} GiB; target: under ${LIMIT_GIB} GiB`)
if (peakGib >= LIMIT_GIB) process.exitCode = 1
