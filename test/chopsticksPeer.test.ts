import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../harness/engine/openEngine.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { realRuntime } from './olderLayout.js'
import { runCli } from './runCli.js'
import { runForResult } from './runResult.js'
import { type ServedArm, serveArm } from './servedArm.js'
import { writeChainSpec } from './writeChainSpec.js'

// Chopsticks' own server as the node: it serves the made-up chain on a runtime, and its head is forked.

const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
let server: ServedArm | undefined
afterEach(() => server?.kill())
afterAll(() => rmSync(folder, { recursive: true }))

function writeScenario(name: string, fork: string, patches: string): string {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(
    file,
    `version: 1\nname: ${name}\ntitle: ${name}\nfork: ${fork}\nruntime: on-chain\nsubnets: [1, 2]\nreplay: { epochs: 3, mode: jump }\npatches: [${patches}]\n`,
  )
  return file
}

const runtimes = [
  { name: 'ours', wasm: loadPrebuilt('epochdiff_runtime').wasm },
  ...[293, 300].map((spec) => ({ name: `spec-${spec}`, wasm: realRuntime(spec) })),
]

describe.each(runtimes)('a node that serves $name', ({ name, wasm }) => {
  const itHere = wasm === undefined ? it.skip : it
  const why = wasm === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''

  itHere(
    `gives 3 epochs of 2 subnets in both arms over ws, equal to the same run from a snapshot, byte for byte${why}`,
    async () => {
      if (wasm === undefined) return
      const engine = await openEngine('native')
      const spec = await writeChainSpec(engine, wasm, folder, name)
      await engine.close()
      server = await serveArm([writeScenario(`${name}-served`, spec, ''), '--arm', 'baseline'])
      const { url } = server
      const patch = '{ kind: policy, policy: stake-cap, percentile: 88, scope: permitted }'
      writeFileSync(join(folder, `${name}-node.fork.yaml`), `version: 1\nrpc: ${url}\n`)
      const scenario = writeScenario(`${name}-cap`, `${name}-node.fork.yaml`, patch)
      const options = { env: { EPOCHDIFF_CACHE: join(folder, `${name}-cache`) } }

      const live = await runForResult([scenario], options)
      expect(live.result.epochs).toHaveLength(6)
      expect(live.result.fork).toMatchObject({ trust: `state trusted from ${url}`, block: { number: 100_000 } })
      expect(live.result.rewards.isEmpty).toBe(false)

      const snapshot = join(folder, `${name}.snapshot`)
      expect((await runCli(['snapshot', 'create', scenario, snapshot], options)).exitCode).toBe(0)
      server.kill()
      expect((await runForResult([scenario, '--snapshot', snapshot])).textWithoutTiming).toBe(live.textWithoutTiming)
    },
    600_000,
  )
})
