import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openProcessNetwork } from './processNetwork.js'
import { freePorts, isFree } from './ports.js'
import { validatorKeys } from './validatorKeys.js'

/** Listens where a node would, with a child of its own that does not end by itself, and does not care for SIGTERM. */
const stubborn = `#!${process.execPath}
const { createServer } = require('node:net')
const { spawn } = require('node:child_process')
process.on('SIGTERM', () => console.log('no'))
const after = (name) => Number(process.argv[process.argv.indexOf(name) + 1].split('/').at(-1))
for (const option of ['--rpc-port', '--listen-addr']) createServer((socket) => socket.on('error', () => 0)).listen(after(option), '127.0.0.1')
const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)'])
console.log('child', child.pid, process.argv.join(' '))
`

let folder: string
let binary: string
let basePort: number
const before = new Set(readdirSync(tmpdir()))
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-test-'))
  binary = join(folder, 'node.cjs')
  writeFileSync(binary, stubborn)
  chmodSync(binary, 0o755)
  ;[basePort = 0] = (await freePorts(1, undefined)).map((port) => port - 10)
})
afterAll(() => rmSync(folder, { recursive: true }))

const validators = validatorKeys(2)
const plan = () => ({ binary, spec: '{}', chainId: 'tested', validators, basePort })
const leftFolders = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('epochdiff-rehearsal-') && !before.has(name))
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // One that has ended and was not waited for still has a number.
    const stat = `/proc/${pid}/stat`
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'))
  } catch {
    return false
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 400) throw new Error('It did not come to that in 40 s.')
    await sleep(100)
  }
}

it('ends nodes that do not want to end, with all that they started, and leaves no port and no folder', async () => {
  const network = await openProcessNetwork(plan())
  const children = async () =>
    [...(await network.logs()).values()].flatMap((log) => /child (\d+)/.exec(log)?.slice(1).map(Number) ?? [])
  try {
    for (const { name } of network.nodes) await network.start(name)
    await until(async () => (await children()).length === 2 && !(await isFree(basePort)))
    const log = (await network.logs()).get('alice') ?? ''
    expect(log).toContain(`--bootnodes /ip4/127.0.0.1/tcp/${basePort + 3}/p2p/${validators[1]?.peerId}`)
    await network.kill('bob')
    expect(network.failure('bob')).toBeUndefined()
    expect(network.failure('alice')).toBeUndefined()
    await network.start('bob')
    await until(async () => !(await isFree(basePort + 3)))
    expect(leftFolders()).toHaveLength(1)
  } finally {
    await network.close()
  }
  expect(leftFolders()).toEqual([])
  expect(await Promise.all([0, 1, 2, 3].map((offset) => isFree(basePort + offset)))).toEqual([true, true, true, true])
}, 60_000)

it('refuses ports that are taken, and says how a node ended that ends by itself', async () => {
  const failing = join(folder, 'failing.sh')
  writeFileSync(failing, '#!/bin/sh\necho no such chain\nexit 7\n')
  chmodSync(failing, 0o755)
  const network = await openProcessNetwork({ ...plan(), binary: failing })
  try {
    await network.start('alice')
    await until(() => network.failure('alice') !== undefined)
    expect(network.failure('alice')).toBe('it ended with exit code 7')
    expect((await network.logs()).get('alice')).toBe('no such chain\n')
    await expect(network.start('nobody')).rejects.toThrow('No node nobody')
  } finally {
    await network.close()
  }
  const taken = await openProcessNetwork(plan())
  await taken.start('alice')
  await until(async () => !(await isFree(basePort)))
  await expect(openProcessNetwork(plan())).rejects.toMatchObject({ code: 'E814' })
  await taken.close()
}, 60_000)

it('nothing outlives a process of epochdiff that is killed', async () => {
  const script = join(folder, 'killed.mjs')
  const module = fileURLToPath(new URL('../../dist/rehearsal/processNetwork.js', import.meta.url))
  writeFileSync(
    script,
    `import { openProcessNetwork } from ${JSON.stringify(module)}
    const network = await openProcessNetwork(${JSON.stringify(plan())})
    for (const { name } of network.nodes) await network.start(name)
    const seen = () => network.logs().then((logs) => [...logs.values()].map((log) => /child (\\d+)/.exec(log)?.[1]))
    while ((await seen()).includes(undefined)) await new Promise((resolve) => setTimeout(resolve, 50))
    console.log((await seen()).join(' '))
    setInterval(() => undefined, 1_000_000)`,
  )
  const own = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pids = await new Promise<number[]>((resolve) =>
    own.stdout.once('data', (line: Buffer) => resolve(line.toString().trim().split(' ').map(Number))),
  )
  try {
    expect(pids.map(lives)).toEqual([true, true])
    await until(async () => !(await isFree(basePort)))
  } finally {
    own.kill('SIGKILL')
  }
  await until(() => !pids.some(lives) && leftFolders().length === 0)
  expect(await isFree(basePort)).toBe(true)
}, 60_000)
