import { beforeAll, describe, expect, it } from '@jest/globals'
import type { RunResult } from '../harness/report/runResult.js'
import { runForResult } from './runResult.js'

const epochs = ['--epochs', '3']

const hashes = ({ epochs }: RunResult, arm: 'baseline' | 'candidate') => epochs.map((epoch) => epoch[arm].storageSha256)

function expectNothingChanged(result: RunResult): void {
  expect(result.epochs).toHaveLength(3)
  expect(result.rewards.isEmpty).toBe(true)
  expect(result.rewards.sameVectors).toBe(true)
  expect(hashes(result, 'candidate')).toEqual(hashes(result, 'baseline'))
  expect(result.checks).toContainEqual(expect.objectContaining({ name: 'no-op', level: 'pass' }))
  expect(result.checks.filter(({ level }) => level === 'error' || level === 'warning')).toEqual([])
  expect(result.rewards.accounts.length).toBeGreaterThan(0)
  for (const { baselineRao, candidateRao, changeRao } of [...result.rewards.accounts, ...result.rewards.roles]) {
    expect(candidateRao).toBe(baselineRao)
    expect(changeRao).toBe('0')
  }
  for (const { baseline, candidate, gainedRao } of result.epochs) {
    expect(candidate).toEqual(baseline)
    expect(gainedRao).toBe('0')
  }
  for (const { baseline, candidate } of result.concentration) expect(candidate).toEqual(baseline)
}

describe('a candidate that changes nothing', () => {
  let noop: RunResult

  beforeAll(async () => {
    noop = (await runForResult(['scenarios/sn31-noop.yaml', ...epochs])).result
  }, 120_000)

  it('without patches runs the same runtime, with an exactly empty difference', () => {
    expect(noop.patches).toEqual([])
    expect(noop.runtimes.candidate).toEqual(noop.runtimes.baseline)
    expectNothingChanged(noop)
  })

  it.each([
    ['scenarios/sn31-stake-cap-88.yaml', 'stake-cap.percentile=100', 'stake_weights'],
    ['scenarios/sn31-performance-weighted.yaml', 'performance-weighted.lambda=0', 'epoch_rewards'],
  ])('%s at %s is woven in, and leaves every byte of storage', async (scenario, neutral, hook) => {
    const { result } = await runForResult([scenario, '--set', neutral, ...epochs])
    const { baseline, candidate } = result.runtimes
    expect(candidate.sha256).not.toBe(baseline.sha256)
    expect(candidate.weave?.patches.map((patch) => patch.hook)).toEqual([hook])
    expect(candidate.weave?.outputSha256).toBe(candidate.sha256)
    expectNothingChanged(result)
    expect(baseline).toEqual(noop.runtimes.baseline)
    expect(hashes(result, 'baseline')).toEqual(hashes(noop, 'baseline'))
  })
})
