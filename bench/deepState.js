// Thousands of blocks on the made-up chain `small`: memory may grow with what the blocks write, not with their number. Needs the compiled
// harness (npm run build).
import { openEngine } from '../dist/engine/openEngine.js'
import { forkSmall } from '../dist/fork/small.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'
import { encodeHeader, headerHash } from '../dist/replay/header.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'

const BLOCKS = Number(process.env.BLOCKS ?? 5_000)
/** The overlay itself, and what a garbage collector leaves for later. */
const GROWTH_MIB = 64

const { wasm } = loadPrebuilt('epochdiff_runtime')
const engine = await openEngine('native')
const metadataArm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
const codec = createStorageCodec((await metadataArm.call('Metadata_metadata', '0x')).result)
await metadataArm.close()
const { fork } = forkSmall({ seed: 1, codec, wasm })
const arm = await engine.openArm({ name: 'deep', wasm, storage: fork.storage })

let { number, hash } = fork.header
const marks = []
const startedAt = performance.now()
for (let block = 1; block <= BLOCKS; block += 1) {
  number += 1
  const header = encodeHeader({ number, parentHash: hash })
  hash = headerHash(header)
  await arm.call('Core_initialize_block', header, { commit: true })
  if (block % (BLOCKS / 10) === 0) marks.push(process.memoryUsage().rss / 2 ** 20)
}
const ms = performance.now() - startedAt
const entries = await arm.entries('0x')
await engine.close()

// The first tenths hold the warm-up of V8; from half way on nothing but the overlay may grow.
const half = Math.max(...marks.slice(3, 6))
const end = Math.max(...marks.slice(-2))
console.log(
  `${BLOCKS} blocks in ${(ms / 1000).toFixed(1)} s; ${entries.length} entries, ${fork.storage.size} at the fork`,
)
console.log(`resident memory by tenths, MiB: ${marks.map((mib) => mib.toFixed(0)).join(' ')}`)
console.log(`growth of the second half ${(end - half).toFixed(0)} MiB; target: at most ${GROWTH_MIB} MiB`)
if (end - half > GROWTH_MIB) process.exitCode = 1
