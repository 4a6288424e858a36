import { KnownState } from '../dist/fork/knownState.js'
import { defaultEngineOptions } from '../dist/engine/engineOptions.js'
import { createExecutor } from '../dist/engine/native/executor.js'
import { compileRuntime } from '../dist/engine/native/runtimeModule.js'
import { bytesFromHex, bytesToHex, keyFromHex } from '../dist/engine/native/storageKey.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'
import { loadPrebuilt } from '../dist/runtime/prebuilt.js'
import { epochHeader, epochState } from './epochState.js'
import { createHash } from 'node:crypto'
const uids = Number(process.argv[2] ?? 1024), rounds = Number(process.argv[3] ?? 30)
const { wasm } = loadPrebuilt('epochdiff_runtime')
const runtime = await compileRuntime(wasm, defaultEngineOptions.memoryLimitBytes)
const over = (storage) => createExecutor(runtime.module, runtime.initialPages, new KnownState([...storage].map(([k, v]) => [keyFromHex(k), bytesFromHex(v)])), defaultEngineOptions)
const codec = createStorageCodec(bytesToHex(over([]).run('Metadata_metadata', new Uint8Array()).result))
const ex = over(epochState(codec, { uids, validators: 64, entries: Math.min(256, uids) }))
const times = [], cpus = []
const h = bytesFromHex(epochHeader)
let hash
for (let i = -5; i < rounds; i++) {
  const t = performance.now(), c = process.cpuUsage()
  const { changes } = ex.run('Core_initialize_block', h)
  const d = performance.now() - t, u = process.cpuUsage(c)
  if (i >= 0) { times.push(d); cpus.push((u.user + u.system) / 1e3) }
  const s = createHash('sha256'); for (const [k, v] of changes) s.update(k).update(v ?? 'x'); hash = s.digest('hex').slice(0, 12)
}
const med = (a) => a.sort((x, y) => x - y)[a.length >> 1]
console.log(uids, 'wall min', times.sort((a, b) => a - b)[0].toFixed(1), 'med', med(times).toFixed(1), 'cpu min', cpus.sort((a, b) => a - b)[0].toFixed(1), 'med', med(cpus).toFixed(1), hash)
