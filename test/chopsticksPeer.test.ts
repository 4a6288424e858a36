import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { parseRunResult, serialiseRunResult } from '../harness/report/runResult.js'
import { runCli } from './runCli.js'

// Chopsticks' own server as the node: it serves our runtime, and a block that it built is forked.

const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
let server: ChildProcess
let url: string

beforeAll(async () => {
  const args = ['dist/cli/main.js', 'serve', 'scenarios/small-stake-cap.yaml', '--arm', 'baseline', '--port', '0']
  server = spawn(process.execPath, args, { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'pipe' })
  url = await new Promise<string>((resolve, reject) => {
    let said = ''
    server.stdout?.on('data', (text: Buffer) => {
      said += text.toString('utf8')
      const [found] = /ws:\/\/[\d.:]+/.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${said}`)))
  })
  // The header of a made-up block does not have its hash; that of a block which Chopsticks builds does.
  await new Promise<void>((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.on('error', reject)
    socket.on('open', () => socket.send('{"jsonrpc":"2.0","id":1,"method":"dev_newBlock","params":[]}'))
    socket.on('message', () => {
      socket.close()
      resolve()
    })
  })
}, 300_000)

afterAll(() => {
  server.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

it('3 epochs of 2 subnets in both arms over ws equal the same run from a snapshot, byte for byte', async () => {
  writeFileSync(join(folder, 'chain.fork.yaml'), `version: 1\nrpc: ${url}\nblock: 100001\n`)
  const scenario = join(folder, 'cap.yaml')
  const patch = '{ kind: policy, policy: stake-cap, percentile: 88, scope: permitted }'
  writeFileSync(
    scenario,
    `version: 1\nname: cap\ntitle: A cap\nfork: chain.fork.yaml\nruntime: on-chain\nsubnets: [1, 2]\nreplay: { epochs: 3, mode: jump }\npatches: [${patch}]\n`,
  )
  const env = { env: { EPOCHDIFF_CACHE: join(folder, 'cache') } }
  const run = async (args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await runCli(['run', scenario, '--json', ...args], env)
    expect([exitCode, /^error.*/m.exec(stderr)?.[0]]).toEqual([0, undefined])
    const result = parseRunResult(stdout)
    const timing = { startedAt: '1970-01-01T00:00:00.000Z', totalMs: 0, stagesMs: {} }
    return { result, text: serialiseRunResult({ ...result, timing }) }
  }
  const live = await run(['--no-cache'])
  expect(live.result.epochs).toHaveLength(6)
  expect(live.result.fork).toMatchObject({ trust: `state trusted from ${url}`, block: { number: 100_001 } })
  const snapshot = join(folder, 'chain.snapshot')
  expect((await runCli(['snapshot', 'create', scenario, snapshot], env)).exitCode).toBe(0)
  server.kill('SIGKILL')
  expect((await run(['--snapshot', snapshot])).text).toBe(live.text)
}, 600_000)
