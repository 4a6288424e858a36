import { afterAll, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { checkPolicyParams } from '../harness/runtime/policies.js'
import { loadPrebuilt, type PrebuiltName } from '../harness/runtime/prebuilt.js'
import { compressRuntime } from '../harness/runtime/runtimeBlob.js'
import { weave } from '../harness/runtime/weave.js'
import { openSn31Replay } from './replaySn31.js'
import { runForResult } from './runResult.js'

const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const patches = [
  checkPolicyParams('stake-cap', { percentile: 88 }),
  checkPolicyParams('role-split', { miner: 0.6, validator: 0.4 }),
  checkPolicyParams('trust-bonus', { beta: 2 }),
]

it.each<PrebuiltName>(['epochdiff_runtime', 'epochdiff_runtime_terms'])(
  'a woven %s, written as chains store it, makes the same storage in Chopsticks as in the native engine',
  async (name) => {
    const blob = join(folder, `${name}.wasm`)
    writeFileSync(blob, await compressRuntime(weave(loadPrebuilt(name).wasm, patches).wasm))
    const scenario = {
      version: 1,
      name: 'woven',
      title: 'A woven blob as it is',
      fork: fileURLToPath(new URL('../scenarios/sn31.fork.yaml', import.meta.url)),
      runtime: blob,
      subnets: [31],
      replay: { epochs: 1, mode: 'jump' },
      patches: [],
    }
    const file = join(folder, `${name}.yaml`)
    writeFileSync(file, stringify(scenario))
    const { result } = await runForResult([file, '--cross-check', '1'])
    expect(result.checks.filter(({ name: check }) => check.includes('engine'))).toEqual([
      expect.objectContaining({ level: 'pass' }),
    ])
    // It is the woven runtime that ran: it pays what weaving for a run pays.
    const replay = await openSn31Replay(name)
    const [epoch] = await replay.arm(patches, 1)
    await replay.close()
    const paid = epoch?.ledger.totals[0]?.paidRao
    expect(JSON.stringify(result)).toContain(`"${paid}"`)
  },
  300_000,
)
