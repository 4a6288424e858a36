import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { buildRunResult } from './buildRunResult.js'

describe('buildRunResult', () => {
  const run = exampleRun()
  const result = buildRunResult(run)

  it('keeps every account with exact amounts', () => {
    expect(result.rewards.accounts).toHaveLength(8)
    expect(result.rewards.accounts[1]).toMatchObject({ uid: 5, role: 'miner', changeRao: '20000000000' })
    const sum = result.rewards.accounts.reduce((total, { candidateRao }) => total + BigInt(candidateRao), 0n)
    expect(sum).toBe(run.candidate.totals.reduce((total, { paidRao }) => total + paidRao, 0n))
  })

  it('states each epoch under both arms and what moves in it', () => {
    expect(result.epochs).toHaveLength(2)
    expect(result.epochs[1]).toMatchObject({ epoch: 1, netuid: 31, block: 3_600_720, gainedRao: '28000000000' })
    expect(result.epochs[0]?.candidate).toEqual({
      drainedRao: '317000000004',
      paidRao: '317000000001',
      unpaidRao: '3',
      unownedRao: '0',
      slackRao: '40',
      creditedRao: '317000000001',
      storageSha256: '3'.repeat(64),
    })
  })

  it('keeps the storage hash with its epoch, in whatever order the epochs were recorded', () => {
    const { baseline, storageSha256 } = run
    const turned = {
      ...run,
      baseline: { ...baseline, totals: baseline.totals.toReversed() },
      storageSha256: { ...storageSha256, baseline: storageSha256.baseline.toReversed() },
    }
    expect(buildRunResult(turned).epochs).toEqual(result.epochs)
    expect(result.epochs.map((epoch) => epoch.baseline.storageSha256[0])).toEqual(['1', '2'])
    const missing = { ...storageSha256, baseline: [] }
    expect(() => buildRunResult({ ...run, storageSha256: missing })).toThrow('a storage hash for each epoch')
  })

  it('keeps what each account was paid in each epoch', () => {
    expect(result.ledger).toHaveLength(result.rewards.accounts.length)
    expect(result.ledger[1]).toEqual({
      baselineRao: '40000000000 40000000000',
      candidateRao: '50000000000 50000000000',
    })
    result.rewards.accounts.forEach((account, i) => {
      for (const arm of ['baselineRao', 'candidateRao'] as const) {
        const byEpoch = (result.ledger[i]?.[arm] ?? '').split(' ').map(BigInt)
        expect(byEpoch).toHaveLength(2)
        expect(String(byEpoch.reduce((sum, rao) => sum + rao, 0n))).toBe(account[arm])
      }
    })
  })

  it('writes null where there is no uid and no value', () => {
    const account = { netuid: 31, uid: undefined, hotkey: 'h', coldkey: 'c', role: 'root' as const }
    const amounts = { baselineRao: 0n, candidateRao: 1n, changeRao: 1n }
    const diff = { ...run.diff, accounts: [{ ...account, ...amounts }] }
    const empty = { population: 0, holders: 0 }
    const concentrations = run.concentrations.map((change) => ({
      ...change,
      baseline: { ...change.baseline, ...empty, gini: undefined, lorenz: undefined },
    }))
    const built = buildRunResult({ ...run, diff, concentrations })
    expect(built.rewards.accounts[0]?.uid).toBeNull()
    expect(built.ledger).toEqual([{ baselineRao: '0 0', candidateRao: '0 0' }])
    expect(built.concentration[0]?.baseline).toMatchObject({ gini: null, lorenz: null })
  })

  it('carries metrics for stake and rewards, by hotkey and by wallet', () => {
    expect(result.concentration.map(({ distribution, unit }) => `${distribution} ${unit}`)).toEqual([
      'stakeWeights hotkey',
      'stakeWeights coldkey',
      'rewards hotkey',
      'rewards coldkey',
    ])
    expect(result.concentration[0]?.candidate).toMatchObject({
      nakamoto: 2,
      coalition51Count: 2,
      coalition51Share: 0.5,
    })
  })
})
