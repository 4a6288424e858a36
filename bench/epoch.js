// How long the block of an epoch takes natively, in wasmtime as a node runs it, and in V8 as the native engine runs it: the same
// runtime over the same state in memory, alternating, each answer compared. Usage: node bench/epoch.js [rounds]
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { KnownState } from '../dist/fork/knownState.js'
import { defaultEngineOptions } from '../dist/engine/engineOptions.js'
import { createExecutor } from '../dist/engine/native/executor.js'
import { compileRuntime } from '../dist/engine/native/runtimeModule.js'
import { bytesFromHex, bytesToHex, keyFromHex, keyToHex } from '../dist/engine/native/storageKey.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { epochHeader, epochState } from './epochState.js'
import { printCalls, printGrowth, printTimes } from './epochTables.js'

const rounds = Number(process.argv[2] ?? 11)
/** So many blocks one after the other in each turn, as a replay runs them: one of few uids would measure how a process wakes up. */
const blocksOf = ({ uids }) => Math.max(1, 1_024 / uids)
/** V8 optimises what it has run often, which a block of few uids has not after four times. */
const warmupsOf = ({ uids }) => (uids < 4_096 ? 25 : 4)
const cases = [
  { uids: 64, validators: 64, entries: 64 },
  { uids: 256, validators: 64, entries: 256 },
  { uids: 1024, validators: 64, entries: 256 },
  { uids: 4096, validators: 64, entries: 256 },
  { uids: 4096, validators: 256, entries: 16 },
  { uids: 4096, validators: 256, entries: 64 },
  { uids: 4096, validators: 256, entries: 256 },
  { uids: 4096, validators: 256, entries: 1024 },
]

const file = (path) => fileURLToPath(new URL(path, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'epochdiff-bench-'))
const peer = openPeer()
try {
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const runtime = await compileRuntime(wasm, defaultEngineOptions.memoryLimitBytes)
  const executorOver = (storage) => {
    const entries = [...storage].map(([key, value]) => [keyFromHex(key), bytesFromHex(value)])
    return createExecutor(runtime.module, runtime.initialPages, new KnownState(entries), defaultEngineOptions)
  }
  const metadata = executorOver([]).run('Metadata_metadata', new Uint8Array())
  const codec = createStorageCodec(bytesToHex(metadata.result))

  const results = []
  for (const shape of cases) {
    const storage = epochState(codec, shape)
    const stateFile = join(folder, 'state')
    writeFileSync(stateFile, [...storage].map((entry) => `${entry.join(' ')}\n`).join(''))
    await peer.ask(`state ${stateFile}`)
    const executor = executorOver(storage)
    const runs = {
      native: () => peer.run('native'),
      wasmtime: () => peer.run('wasmtime'),
      v8: () => runHere(executor),
    }
    requireEpoch(codec, executor)
    const samples = mapValues(runs, () => [])
    for (let round = -warmupsOf(shape); round < rounds; round += 1) {
      const hashes = new Set()
      for (const [way, run] of Object.entries(runs)) {
        const sample = { wall: 0, cpu: 0 }
        for (let block = 0; block < blocksOf(shape); block += 1) {
          const { hash, wall, cpu } = await run()
          hashes.add(hash)
          sample.wall += wall / blocksOf(shape)
          sample.cpu += cpu / blocksOf(shape)
        }
        if (round >= 0) samples[way].push(sample)
      }
      if (hashes.size !== 1) throw new Error(`Different writes: ${JSON.stringify(shape)}`)
    }
    results.push({ ...shape, calls: countCalls(executor), ...mapValues(samples, (runs) => summary(runs, samples.v8)) })
    process.stderr.write(`done: ${JSON.stringify(shape)}\n`)
  }
  console.log(
    `One block with an epoch, of up to 16 in a row; ${rounds} rounds after 4 or 25 to warm up: min, median, max; V8's by the others',\nleast times and median of the rounds.`,
  )
  console.log("\nThe processes' time on all processors, ms")
  printTimes(results, 'cpu')
  console.log('\nTime on the clock, ms')
  printTimes(results, 'wall')
  console.log('\nHost calls of the block')
  printCalls(results)
  console.log('\nGrowth: ns of process time an entry more than in the first of these cases, by the least times')
  printGrowth(results.filter(({ uids, validators }) => uids === 4096 && validators === 256))
} finally {
  peer.close()
  rmSync(folder, { recursive: true })
}

/** The Rust program beside this file. Answers come in the order of the questions. */
function openPeer() {
  const manifest = file('epoch-native/Cargo.toml')
  const runtimeFile = file('../runtime-patches/prebuilt/epochdiff_runtime.wasm')
  const cargo = ['run', '--locked', '--release', '--quiet', '--manifest-path', manifest, '--', runtimeFile]
  const child = spawn('cargo', cargo, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (question) => {
    child.stdin.write(`${question}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error(`epoch-native ended at: ${question}`)
    return value
  }
  return {
    ask,
    run: async (way) => {
      const [wall, cpu, hash] = (await ask(`${way} ${epochHeader}`)).split(' ')
      return { wall: Number(wall) / 1e6, cpu: Number(cpu) / 1e6, hash }
    },
    close: () => child.stdin.end(),
  }
}

function runHere(executor) {
  const header = bytesFromHex(epochHeader)
  const [startedAt, usageBefore] = [performance.now(), process.cpuUsage()]
  const { changes } = executor.run('Core_initialize_block', header)
  const [wall, { user, system }] = [performance.now() - startedAt, process.cpuUsage(usageBefore)]
  const hash = createHash('sha256')
  for (const [key, value] of changes) hash.update(`${keyToHex(key)} ${value && bytesToHex(value)}\n`)
  return { wall, cpu: (user + system) / 1e3, hash: `0x${hash.digest('hex')}` }
}

/** A block in which no epoch paid would be quick and say nothing. */
function requireEpoch(codec, executor) {
  const { changes } = executor.run('Core_initialize_block', bytesFromHex(epochHeader))
  const prefix = codec.prefix('SubtensorModule', 'Incentive')
  const [, value] = changes.find(([key]) => keyToHex(key).startsWith(prefix)) ?? []
  if (!value || codec.decode('SubtensorModule', 'Incentive', bytesToHex(value)).every((share) => share === 0))
    throw new Error('The block paid no incentive.')
}

/** Host calls of one block, by family. */
function countCalls(executor) {
  const { WebAssembly } = globalThis
  const { Instance } = WebAssembly
  const calls = { all: 0 }
  const counted = ([name, hostFunction]) => {
    if (typeof hostFunction !== 'function') return [name, hostFunction]
    const family = name.split('_')[1]
    const counting = (...args) => {
      calls.all += 1
      calls[family] = (calls[family] ?? 0) + 1
      return hostFunction(...args)
    }
    return [name, counting]
  }
  WebAssembly.Instance = class extends Instance {
    constructor(module, { env }) {
      super(module, { env: Object.fromEntries(Object.entries(env).map(counted)) })
    }
  }
  executor.run('Core_initialize_block', bytesFromHex(epochHeader))
  WebAssembly.Instance = Instance
  return calls
}

/** min, median and max of each clock's samples, and the median of what V8 took in the same round by them: the machine's speed changes. */
function summary(samples, v8) {
  const of = (clock) => {
    const sorted = ascending(samples.map((sample) => sample[clock]))
    const ratios = ascending(samples.map((sample, round) => v8[round][clock] / sample[clock]))
    return { min: sorted[0], median: middle(sorted), max: sorted.at(-1), v8: middle(ratios) }
  }
  return { wall: of('wall'), cpu: of('cpu') }
}

function ascending(numbers) {
  return numbers.toSorted((a, b) => a - b)
}

function middle(sorted) {
  return sorted[Math.floor(sorted.length / 2)]
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}
