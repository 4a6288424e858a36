import { afterAll, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

// In a process of its own: the executor's worker is no guest for a test runner's sandbox, and leaving by itself is part of the test.

const compiled = (file: string): string => new URL(`../../../dist/${file}`, import.meta.url).href
const script = `
  import { openEngine } from '${compiled('engine/openEngine.js')}'
  import { loadPrebuilt } from '${compiled('runtime/prebuilt.js')}'
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const codeOf = (work) => work.then(() => 'none', (error) => error.code ?? error.message)
  const spec = { name: 'tested', wasm, storage: new Map([['0x0a', '0x01']]) }
  const seen = {}

  const hasty = await openEngine('chopsticks', { timeLimitMs: 1 })
  const calm = await openEngine('chopsticks')
  const [hastyArm, arm] = [await hasty.openArm(spec), await calm.openArm(spec)]
  const overTime = codeOf(hastyArm.call('Metadata_metadata', '0x'))
  const version = arm.call('Core_version', '0x')
  seen.overTime = await overTime
  seen.besideIt = (await version).result.length > 2
  await hasty.close()
  seen.trapped = await codeOf(arm.call('Core_initialize_block', '0x', { commit: true }))
  seen.entries = await arm.entries('0x')

  const controller = new AbortController()
  const aborted = await openEngine('chopsticks', { signal: controller.signal })
  const abortedArm = await aborted.openArm(spec)
  const metadata = codeOf(abortedArm.call('Metadata_metadata', '0x'))
  setTimeout(() => controller.abort(new Error('enough')), 5)
  seen.aborted = await metadata
  seen.afterwards = (await arm.call('Core_version', '0x')).result.length > 2
  await aborted.close()
  await calm.close()
  seen.closed = await codeOf(arm.read(['0x0a']))
  process.stdout.write(JSON.stringify(seen))
`

const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('keeps its limits, goes on after them and leaves nothing running', async () => {
  const file = join(folder, 'limits.mjs')
  writeFileSync(file, script)
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 100_000 })
  expect(JSON.parse(stdout)).toEqual({
    overTime: 'E402',
    besideIt: true,
    trapped: 'E401',
    entries: [['0x0a', '0x01']],
    aborted: 'enough',
    afterwards: true,
    closed: 'Arm "tested" is closed.',
  })
})
