import { beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { renderHtml } from '../harness/report/html/renderHtml.js'
import { resultDigest } from '../harness/report/resultDigest.js'
import type { RunResult } from '../harness/report/runResult.js'
import { renderTerminal } from '../harness/report/terminal.js'
import { spawnCli } from './runCli.js'
import { runForResult } from './runResult.js'

// The main job as it is proposed: a hundred epochs of subnet 31; and its first twenty beside it.

const scenario = 'scenarios/sn31-stake-cap-88.yaml'
const GIB_IN_KIB = 2 ** 20

/** Makes a process tell its largest resident set when it ends: workers are threads of it, so they are included. */
const tellMemory = `data:text/javascript,${encodeURIComponent(
  `import { isMainThread } from 'node:worker_threads'
  const tell = () => process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS + ' KiB\\n')
  if (isMainThread) process.on('exit', tell)`,
)}`

let first: Awaited<ReturnType<typeof runForResult>>
let second: Awaited<ReturnType<typeof runForResult>>
let result: RunResult

beforeAll(async () => {
  const run = (...more: string[]) =>
    runForResult([scenario, ...more], { env: { NODE_OPTIONS: `--import ${tellMemory}` } }, spawnCli)
  ;[first, second] = await Promise.all([run(), run('--epochs', '20')])
  result = first.result
}, 600_000)

const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n)
const arms = ['baseline', 'candidate'] as const

describe('a hundred epochs of subnet 31 with the stake cap', () => {
  it('begin as a shorter run does, with the same storage', () => {
    expect(result.epochs).toHaveLength(100)
    expect(second.result.epochs).toHaveLength(20)
    expect(second.result.epochs).toEqual(result.epochs.slice(0, 20))
  })

  it('fit a gibibyte of memory', () => {
    for (const { stderr } of [first, second]) {
      const told = Number(/^maxRSS (\d+) KiB$/m.exec(stderr)?.[1])
      expect(told).toBeGreaterThan(0)
      expect(told).toBeLessThan(GIB_IN_KIB)
    }
  })

  it('are what the README shows', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const shown = /```text\n(.*?)\n```/s.exec(readme)?.[1]
    expect(renderTerminal(result, { colour: false, width: 100 })).toContain(shown)
  })

  it('are rendered as a page that says the same', async () => {
    const page = await renderHtml(result)
    expect(page).toContain('4,087.6448 of 35,999.9998 alpha (11.35 %) changes hands')
    expect(page).toContain(resultDigest(result))
    expect(page.match(/<svg /g)).toHaveLength(13)
  })

  it('pass every check', () => {
    const unpassed = result.checks.filter(({ level }) => level === 'error')
    expect(unpassed).toEqual([])
    for (const name of ['conservation: credited', 'conservation: unpaid']) {
      for (const arm of arms) {
        expect(result.checks).toContainEqual(expect.objectContaining({ name: `${name} (${arm})`, level: 'pass' }))
      }
    }
    expect(result.checks).toContainEqual(expect.objectContaining({ name: 'no-op', level: 'pass' }))
  })

  it.each(arms)('account for every rao of the %s', (arm) => {
    for (const epoch of result.epochs) {
      const { drainedRao, paidRao, unpaidRao, creditedRao, unownedRao, slackRao } = epoch[arm]
      expect(BigInt(paidRao) + BigInt(unpaidRao)).toBe(BigInt(drainedRao))
      expect(creditedRao).toBe(paidRao)
      expect(unownedRao).toBe('0')
      expect(BigInt(unpaidRao)).toBeGreaterThanOrEqual(0n)
      expect(BigInt(unpaidRao)).toBeLessThanOrEqual(BigInt(slackRao))
    }
    const paid = sum(result.epochs.map((epoch) => epoch[arm].paidRao))
    expect(sum(result.rewards.accounts.map((account) => account[`${arm}Rao`]))).toBe(paid)
    expect(sum(result.rewards.roles.map((role) => role[`${arm}Rao`]))).toBe(paid)
  })

  it('drain one alpha a block from both arms', () => {
    for (const { baseline, candidate } of result.epochs) {
      expect(candidate.drainedRao).toBe(baseline.drainedRao)
      // 360 blocks; server, validator and owner pendings are rounded down in each.
      const lost = 360_000_000_000n - BigInt(baseline.drainedRao)
      expect(lost).toBeGreaterThanOrEqual(0n)
      expect(lost).toBeLessThanOrEqual(3n * 360n)
    }
  })

  it('are divided by role as by account, and each change is a difference', () => {
    for (const role of result.rewards.roles) {
      const accounts = result.rewards.accounts.filter((account) => account.role === role.role)
      for (const amount of ['baselineRao', 'candidateRao', 'changeRao'] as const) {
        expect(sum(accounts.map((account) => account[amount]))).toBe(BigInt(role[amount]))
      }
    }
    for (const { baselineRao, candidateRao, changeRao } of result.rewards.accounts) {
      expect(BigInt(candidateRao) - BigInt(baselineRao)).toBe(BigInt(changeRao))
    }
  })

  it('move rewards in every epoch', () => {
    for (const { baseline, candidate, gainedRao } of result.epochs) {
      expect(BigInt(gainedRao)).toBeGreaterThan(0n)
      expect(candidate.storageSha256).not.toBe(baseline.storageSha256)
    }
  })
})
