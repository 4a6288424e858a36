import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Ending {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a hundred epochs, sends the signal when a step begins, and waits for the end: without one the test's time runs out. */
function interruptAt(step: string, signal: NodeJS.Signals, out: string): Promise<Ending> {
  const args = ['dist/cli/main.js', 'run', 'scenarios/sn31-stake-cap-88.yaml', '--json', '--out', out]
  const child = spawn(process.execPath, args, { cwd: root })
  let [stdout, stderr, sent] = ['', '', false]
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    if (!sent && stderr.includes(step)) sent = child.kill(signal)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    // Not before every thread has ended: workers keep a process alive.
    child.on('close', (exitCode, by) => resolve({ exitCode, signal: by, stdout, stderr }))
  })
}

it.each([
  ['Reading', 'SIGINT'],
  ['Replaying', 'SIGINT'],
  ['Replaying', 'SIGTERM'],
] as const)(
  'at %s, %s ends the run and leaves neither file nor folder',
  async (step, signal) => {
    const out = join(folder, `${step}-${signal}`)
    const ending = await interruptAt(step, signal, out)
    expect(ending.exitCode).toBe(130)
    expect(ending.signal).toBeNull()
    expect(ending.stdout).toBe('')
    expect(ending.stderr).not.toContain('Comparing')
    expect(ending.stderr.split('\n').filter((line) => line.startsWith('error '))).toEqual([
      `error E701: Cancelled by ${signal}.`,
    ])
    expect(readdirSync(folder)).toEqual([])
  },
  60_000,
)
