// A whole tempo, 361 blocks, in two arms on 256 uids (subnet 31), native beside Chopsticks in one run. Chopsticks runs the epoch's block
// and some ordinary ones; the rest of its tempo is extrapolated from those and said to be. Needs the compiled harness (npm run build).
import { openEngine } from '../dist/engine/openEngine.js'
import { applyFeedStep } from '../dist/fork/feed.js'
import { encodeHeader, headerHash } from '../dist/replay/header.js'
import { checkPolicyParams } from '../dist/runtime/policies.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { weave } from '../dist/runtime/weave.js'
import { subnet31 } from './subnet31.js'

const BLOCKS = 361
/** Ordinary blocks that Chopsticks really runs in each arm. */
const SAMPLED = Number(process.env.SAMPLED ?? 10)
const TARGET = 50

const { wasm } = loadPrebuilt('epochdiff_runtime')
const candidate = weave(wasm, [checkPolicyParams('stake-cap', { percentile: 88 })]).wasm

/** Blocks of an arm, one on top of the other; the first epoch's inputs are there from the start. */
async function openArm(engine, name, code, { fork, feed }) {
  const arm = await engine.openArm({ name, wasm: code, storage: fork.storage })
  const [step] = feed.steps
  await arm.write(applyFeedStep((key) => fork.storage.get(key) ?? null, step))
  let { number, hash } = fork.header
  return {
    close: () => arm.close(),
    /** @returns milliseconds, and how many keys changed */
    async block() {
      number += 1
      const header = encodeHeader({ number, parentHash: hash })
      hash = headerHash(header)
      const startedAt = performance.now()
      const { storageDiff } = await arm.call('Core_initialize_block', header, { commit: true })
      return { ms: performance.now() - startedAt, changed: storageDiff.length }
    },
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0)
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

const engine = await openEngine('native')
const start = await subnet31(engine, wasm)
const epochBlocks = []
const startedAt = performance.now()
await Promise.all(
  [wasm, candidate].map(async (code, index) => {
    const arm = await openArm(engine, `native ${index}`, code, start)
    for (let block = 1; block <= BLOCKS; block += 1) {
      const { changed } = await arm.block()
      // An epoch changes hundreds of keys, an ordinary block a few dozen.
      if (changed > 200) epochBlocks.push(block)
    }
    await arm.close()
  }),
)
const nativeMs = performance.now() - startedAt
await engine.close()

const chopsticks = await openEngine('chopsticks')
const estimates = []
for (const [index, code] of [wasm, candidate].entries()) {
  const arm = await openArm(chopsticks, `chopsticks ${index}`, code, start)
  const ordinary = []
  for (let block = 1; block <= SAMPLED; block += 1) ordinary.push((await arm.block()).ms)
  // At most one block in a tempo has the epoch: its cost is bench/engines.js's, left out here in favour of Chopsticks.
  estimates.push(median(ordinary) * BLOCKS)
  await arm.close()
}
await chopsticks.close()

const chopsticksMs = sum(estimates)
const ratio = chopsticksMs / nativeMs
console.log(`${BLOCKS} blocks, 2 arms, 256 uids; epochs in blocks ${[...new Set(epochBlocks)].join(', ')}`)
console.log(`  native        ${seconds(nativeMs)}, both arms side by side`)
console.log(
  `  chopsticks    ${seconds(chopsticksMs)}, extrapolated: ${BLOCKS} times the median of ${SAMPLED} ordinary blocks of each arm, no epoch`,
)
console.log(`  ratio: ${ratio.toFixed(1)}; target: at least ${TARGET}`)
if (ratio < TARGET) process.exitCode = 1
