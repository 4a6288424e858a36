// How long the block of an epoch takes in a real node (wasmtime over its own database) and in the native engine (V8, state in
// memory): the same blob over the same state, alternating. The node is asked by state_call; what an empty call takes is
// subtracted. Needs the node of runtime-patches/node/build.sh, or EPOCHDIFF_NODE. Usage: node bench/nodeEpoch.js [rounds]
import { Buffer } from 'node:buffer'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultEngineOptions } from '../dist/engine/engineOptions.js'
import { createExecutor } from '../dist/engine/native/executor.js'
import { compileRuntime } from '../dist/engine/native/runtimeModule.js'
import { openStateTrie } from '../dist/engine/native/stateTrie.js'
import { bytesFromHex, bytesToHex, keyFromHex } from '../dist/engine/native/storageKey.js'
import { KnownState } from '../dist/fork/knownState.js'
import { hashSchema, hexSchema } from '../dist/fork/rpc/hexSchema.js'
import { headerSchema } from '../dist/fork/rpc/pinBlock.js'
import { defaultRpcOptions, openRpcClient, request } from '../dist/fork/rpc/rpcClient.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'
import { CODE_KEY } from '../dist/fork/storageParts.js'
import { findNodeBinary } from '../dist/rehearsal/nodeBinary.js'
import { openProcessNetwork } from '../dist/rehearsal/processNetwork.js'
import { rawChainSpec } from '../dist/rehearsal/rawChainSpec.js'
import { validatorKeys } from '../dist/rehearsal/validatorKeys.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { compressRuntime, expandRuntime } from '../dist/runtime/runtimeBlob.js'
import { epochHeader, epochState } from './epochState.js'

const rounds = Number(process.argv[2] ?? 11)
const warmups = 4
const shapes = [
  { uids: 64, validators: 64, entries: 64 },
  { uids: 256, validators: 64, entries: 256 },
  { uids: 1024, validators: 64, entries: 256 },
  { uids: 4096, validators: 64, entries: 256 },
]
const startMs = 120_000
const id = 'epochdiff_bench'

const { path: binary, version } = await findNodeBinary(undefined)
const wasm = expandRuntime(loadPrebuilt('epochdiff_runtime_node').wasm)
const runtime = await compileRuntime(wasm, defaultEngineOptions.memoryLimitBytes)
const executorOver = (storage) => {
  const entries = [...storage].map(([key, value]) => [keyFromHex(key), bytesFromHex(value)])
  return createExecutor(runtime.module, runtime.initialPages, new KnownState(entries), defaultEngineOptions)
}
const codec = createStorageCodec(bytesToHex(executorOver([]).run('Metadata_metadata', new Uint8Array()).result))
const code = `0x${Buffer.from(await compressRuntime(wasm)).toString('hex')}`
const validators = validatorKeys(1)

console.log(`Block of an epoch, ms: least and median of ${rounds} rounds after ${warmups}. Node: ${version}`)
console.log('  uids   node (wasmtime)   native engine (V8)   V8 / node, least')
for (const shape of shapes) {
  const storage = epochState(codec, shape)
  storage.set(CODE_KEY, code)
  const put = (pallet, item, value) => storage.set(codec.key(pallet, item), codec.encode(pallet, item, value))
  put(
    'Aura',
    'Authorities',
    validators.map(({ aura }) => aura),
  )
  put(
    'Grandpa',
    'Authorities',
    validators.map(({ grandpa }) => [grandpa, 1n]),
  )
  const { node, v8 } = await measure(storage)
  const cell = ({ min, median }) => `${min.toFixed(1)} / ${median.toFixed(1)}`
  const ratio = (v8.min / node.min).toFixed(2)
  console.log(
    `${String(shape.uids).padStart(6)}${cell(node).padStart(18)}${cell(v8).padStart(21)}${ratio.padStart(19)}`,
  )
}

async function measure(storage) {
  const network = await openProcessNetwork({
    ...{ binary, validators, chainId: id, basePort: undefined },
    spec: rawChainSpec({ name: 'epochdiff bench', id, storage }),
  })
  const [{ name, rpc }] = network.nodes
  const client = openRpcClient([rpc], { ...defaultRpcOptions, attempts: 10, timeoutMs: startMs })
  try {
    await network.start(name)
    const genesis = await genesisOf(client, network, name)
    const [header] = await client.ask([request('chain_getHeader', [genesis], headerSchema)])
    if (header.stateRoot !== openStateTrie(storage).root(1)) throw new Error('The node began from another state.')
    const ask = async (fn, args) => {
      const startedAt = performance.now()
      await client.ask([request('state_call', [fn, args, genesis], hexSchema)])
      return performance.now() - startedAt
    }
    const executor = executorOver(storage)
    requireEpoch(executor)
    const samples = { node: [], v8: [], empty: [] }
    for (let round = -warmups; round < rounds; round += 1) {
      const taken = {
        empty: await ask('AuraApi_slot_duration', '0x'),
        node: await ask('Core_initialize_block', epochHeader),
      }
      const startedAt = performance.now()
      executor.run('Core_initialize_block', bytesFromHex(epochHeader))
      taken.v8 = performance.now() - startedAt
      if (round >= 0) for (const [way, ms] of Object.entries(taken)) samples[way].push(ms)
    }
    const empty = summary(samples.empty).min
    return { node: summary(samples.node.map((ms) => ms - empty)), v8: summary(samples.v8) }
  } finally {
    client.close()
    await network.close()
  }
}

/** Waits until the node answers. */
async function genesisOf(client, network, name) {
  for (const until = performance.now() + startMs; ;) {
    const reason = network.failure(name)
    if (reason !== undefined) throw new Error(`The node ended: ${reason}`)
    try {
      const [hash] = await client.ask([request('chain_getBlockHash', [0], hashSchema)])
      return hash
    } catch (error) {
      if (performance.now() > until) throw error
      await sleep(500)
    }
  }
}

/** A block in which no epoch paid would be quick and say nothing. */
function requireEpoch(executor) {
  const { changes } = executor.run('Core_initialize_block', bytesFromHex(epochHeader))
  const prefix = keyFromHex(codec.prefix('SubtensorModule', 'Incentive'))
  const [, value] = changes.find(([key]) => key.startsWith(prefix)) ?? []
  if (!value || codec.decode('SubtensorModule', 'Incentive', bytesToHex(value)).every((share) => share === 0))
    throw new Error('The block paid no incentive.')
}

function summary(samples) {
  const sorted = samples.toSorted((a, b) => a - b)
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)] }
}
