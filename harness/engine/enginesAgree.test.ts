import { afterAll, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Hex } from '../fork/forkState.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import type { EngineName, StorageDiff } from './engine.js'
import { decodeCompact, encodeCompact } from './native/scale.js'

// Each engine runs the same calls in a process of its own: the executor of Chopsticks is no guest for a test runner's sandbox.

interface Job {
  readonly engine: EngineName
  readonly wasm: string
  readonly storage: readonly (readonly [Hex, Hex])[]
  readonly calls: readonly (readonly [fn: string, args: Hex])[]
}

interface Answer {
  readonly calls: readonly { readonly result: Hex; readonly storageDiff: StorageDiff }[]
  readonly failure: string
  readonly entries: readonly (readonly [Hex, Hex])[]
  readonly read: readonly (Hex | null)[]
}

const script = `
  import { openEngine } from '${new URL('../../dist/engine/openEngine.js', import.meta.url).href}'
  let input = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) input += chunk
  const job = JSON.parse(input)
  const engine = await openEngine(job.engine)
  const wasm = Buffer.from(job.wasm, 'base64')
  const arm = await engine.openArm({ name: 'compared', wasm, storage: new Map(job.storage) })
  const calls = []
  for (const [fn, args] of job.calls) {
    const { result, storageDiff } = await arm.call(fn, args, { commit: true })
    calls.push({ result, storageDiff })
  }
  const failure = await arm.call('Core_initialize_block', '0x').then(() => 'none', ({ code }) => code)
  await arm.write([['0x00', '0x'], [calls[0].storageDiff[0][0], null]])
  const entries = await arm.entries('0x')
  const read = await arm.read(['0x00', calls[0].storageDiff[0][0]])
  await engine.close()
  process.stdout.write(JSON.stringify({ calls, failure, entries, read }))
`

const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
const scriptFile = join(folder, 'runCalls.mjs')
writeFileSync(scriptFile, script)
afterAll(() => rmSync(folder, { recursive: true }))

function run(job: Job): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [scriptFile], { stdio: ['pipe', 'pipe', 'pipe'] })
    let out = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.on('error', reject)
    // Exiting by itself, with nothing left running, is part of the test.
    child.on('close', (status) => (status === 0 ? resolve(JSON.parse(out) as Answer) : reject(new Error(errors))))
    child.stdin.end(JSON.stringify(job))
  })
}

/** The header of the next block and the next slot: number and slot are the only differences. */
function nextHeader(header: Hex): Hex {
  const bytes = Buffer.from(header.slice(2), 'hex')
  const number = decodeCompact(bytes.subarray(32)) ?? { value: 0, size: 0 }
  const rest = Buffer.from(bytes.subarray(32 + number.size))
  rest.writeBigUInt64LE(rest.readBigUInt64LE(rest.length - 8) + 1n, rest.length - 8)
  return `0x${Buffer.concat([bytes.subarray(0, 32), encodeCompact(number.value + 1), rest]).toString('hex')}`
}

it.each(['a_8uids_plain', 'v08_childkeys'])('native and chopsticks change the same bytes: %s', async (name) => {
  const file = new URL(`../../runtime-patches/runtime/tests/vectors/${name}.json.gz`, import.meta.url)
  const vector = JSON.parse(gunzipSync(readFileSync(file)).toString()) as {
    readonly header: string
    readonly pre: Record<string, string>
  }
  const epochHeader: Hex = `0x${vector.header}`
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const job = {
    wasm: Buffer.from(wasm).toString('base64'),
    storage: Object.entries(vector.pre).map(([key, value]) => [`0x${key}`, `0x${value}`] as const),
    calls: [
      // A block with an epoch, two without, then functions that only read.
      ['Core_initialize_block', epochHeader],
      ['Core_initialize_block', nextHeader(epochHeader)],
      ['Core_initialize_block', nextHeader(nextHeader(epochHeader))],
      ['Core_version', '0x'],
      ['Metadata_metadata', '0x'],
    ],
  } as const
  const [native, chopsticks] = [await run({ ...job, engine: 'native' }), await run({ ...job, engine: 'chopsticks' })]
  expect(native.calls.map(({ storageDiff }) => storageDiff.length > 0)).toEqual([true, true, true, false, false])
  expect(chopsticks.calls).toEqual(native.calls)
  expect([native.failure, chopsticks.failure]).toEqual(['E401', 'E401'])
  expect(chopsticks.entries).toEqual(native.entries)
  expect(chopsticks.read).toEqual(['0x', null])
  expect(native.read).toEqual(['0x', null])
})
