// What weaving costs: time and size of a weave on each runtime at hand, and what the hooks add to an epoch's block, beside
// the unwoven runtime in the same run: the median of how much longer each round's woven block took than its unwoven one, with each
// policy woven ten times over (who moves rao between the pools can be but once), so that other load hardly counts.
// EPOCHDIFF_RUNTIMES adds the chain's own runtimes to the first table. Usage: node bench/weave.js [--rounds N]
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeHook } from '../dist/engine/describeHook.js'
import { openEngine } from '../dist/engine/openEngine.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'
import { compileHook } from '../dist/runtime/hookFile.js'
import { checkPolicyParams, policyDefinition, policyDefinitions } from '../dist/runtime/policies.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { expandRuntime } from '../dist/runtime/runtimeBlob.js'
import { weave } from '../dist/runtime/weave.js'
import { epochHeader, epochState } from './epochState.js'

const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 15
const epochRounds = 40
/** Of who is woven once: a new arm's code is not at its fastest sooner. */
const onceRounds = 200
const mostOverheadPercent = 5

const median = (samples) => samples.toSorted((a, b) => a - b)[samples.length >> 1]
const every = policyDefinitions.map(({ name }) => checkPolicyParams(name, {}))
// Two move rao between the pools, which exclude each other (E321).
const together = every.filter(({ policy }) => policy !== 'role-split')
const folder = process.env.EPOCHDIFF_RUNTIMES ?? ''
const blobs = [
  ['reference', loadPrebuilt('epochdiff_runtime').wasm],
  ['terms twin', loadPrebuilt('epochdiff_runtime_terms').wasm],
  ...[293, 300].flatMap((spec) => {
    const file = join(folder, `spec${spec}.wasm`)
    return folder !== '' && existsSync(file) ? [[`spec ${spec}`, expandRuntime(readFileSync(file))]] : []
  }),
]

console.log('weaving together            ms (median)      bytes    added')
for (const [name, wasm] of blobs) {
  const times = []
  let added = 0
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now()
    added = weave(wasm, together).manifest.bytesAdded
    times.push(performance.now() - start)
  }
  const share = ((100 * added) / wasm.length).toFixed(2)
  console.log(
    `${name.padEnd(24)}${median(times).toFixed(0).padStart(15)}${String(wasm.length).padStart(11)}  ${added} (${share} %)`,
  )
}

// The same block, an epoch of 256 uids, in both arms in turn. Who moves rao between the pools is woven once, so that its figure
// has a tenth of the others' precision.
const engine = await openEngine('native')
const unwoven = loadPrebuilt('epochdiff_runtime').wasm
const asked = await engine.openArm({ name: 'metadata', wasm: unwoven, storage: new Map() })
const metadata = (await asked.call('Metadata_metadata', '0x')).result
const codec = createStorageCodec(metadata)
await asked.close()
const storage = epochState(codec, { uids: 256, validators: 64, entries: 64 })
const open = (name, wasm, hooks) => engine.openArm({ name, wasm, storage, hooks })
/** What a TypeScript hook costs by itself: each returns what it is given. */
const identityHooks = (members, times) =>
  openHooks(members.map((member) => `${member}: (ctx, given) => given`).join(), times)
/** As in docs/hooks.md, with a look at who holds each uid: what it costs beyond the identity is its own code. */
const halfToTheBest = `epochRewards(ctx, rewards) {
  const paid = rewards.filter(({ uid }) => ctx.uids[uid].alphaStakeRao > 0n)
  const best = paid.reduce((max, row) => (row.serverRao > max.serverRao ? row : max))
  const given = rewards.reduce((sum, row) => sum + row.serverRao, 0n)
  const halves = rewards.map((row) => ({ ...row, serverRao: row.serverRao / 2n }))
  const left = given - halves.reduce((sum, row) => sum + row.serverRao, 0n)
  return halves.map((row) => (row.uid === best.uid ? { ...row, serverRao: row.serverRao + left } : row))
}`
const openHooks = async (functions, times, isWoven = true) => {
  const text = `require('epochdiff').definePolicy({ name: 'timed', ${functions} })`
  const program = compileHook(text, 'timed.js', '')
  const hook = { kind: 'hook', definition: await describeHook(program), number: 0, params: {} }
  const wasm = isWoven ? weave(unwoven, new Array(times).fill(hook)).wasm : unwoven
  return open('timed', wasm, { programs: [{ program, params: {} }], metadata })
}
const processorTime = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const clockTime = () => performance.now()
const timed = async (arm, now) => {
  const start = now()
  await arm.call('Core_initialize_block', epochHeader)
  return now() - start
}
const allMembers = ['stakeWeights', 'rolePools', 'epochRewards']
const base = await open('unwoven', unwoven)
/** As an arm with hooks is, but that nothing calls them: what a process costs is not the hooks' cost. */
const idleProcess = () => openHooks('epochRewards: (ctx, given) => given', 1, false)
const baseInProcess = await idleProcess()
console.log(
  `\nan epoch's block, 256 uids    unwoven ms   woven ms   added (medians of ${epochRounds} rounds, of ${onceRounds} where woven once)`,
)
const candidates = [
  ...every.map((patch) => {
    const times = policyDefinition(patch.policy).moves === undefined ? 10 : 1
    return [
      patch.policy,
      times,
      processorTime,
      () => open(patch.policy, weave(unwoven, new Array(times).fill(patch)).wasm),
    ]
  }),
  ...['stakeWeights', 'epochRewards'].map((member) => [
    `hook ${member}`,
    10,
    clockTime,
    () => identityHooks([member], 10),
  ]),
  ['hook half-to-the-best', 10, clockTime, () => openHooks(halfToTheBest, 10)],
  ['hook of all three', 1, clockTime, () => identityHooks(allMembers, 1)],
  ['  beside its own process', 1, clockTime, () => identityHooks(allMembers, 1), baseInProcess],
  ['  the process', 1, clockTime, idleProcess],
]
for (const [name, times, now, openWoven, from = base] of candidates) {
  const woven = await openWoven()
  for (let warm = 0; warm < 10; warm += 1) await Promise.all([timed(from, now), timed(woven, now)])
  const [unwovenMs, ratios] = [[], []]
  for (let round = 0; round < (times === 1 ? onceRounds : epochRounds); round += 1) {
    const [a, b] = [await timed(from, now), await timed(woven, now)]
    unwovenMs.push(a)
    ratios.push(b / a)
  }
  const a = median(unwovenMs)
  const share = ((median(ratios) - 1) / times) * 100
  const verdict = share < mostOverheadPercent ? '' : `  over ${mostOverheadPercent} %`
  console.log(
    `${name.padEnd(28)}${a.toFixed(1).padStart(12)}${(a * (1 + share / 100)).toFixed(1).padStart(11)}${share.toFixed(1).padStart(9)} %${verdict}`,
  )
  await woven.close()
}
await base.close()
await baseInProcess.close()
await engine.close()
