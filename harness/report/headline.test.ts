import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { buildRunResult } from './buildRunResult.js'
import { headline, ranked } from './headline.js'
import type { RunResult } from './runResult.js'

const result = buildRunResult(exampleRun())

describe('headline', () => {
  it('says who gains, who loses and how much moves', () => {
    expect(headline(result, 31)).toBe(
      '4 accounts gain and 3 lose: 56.0000 of 634.0000 alpha (8.83 %) changes hands over 2 epochs of subnet 31. ' +
        'The largest gain is validator 5trout..xxxx (uid 2): +26.0000 alpha (+65.00 %). ' +
        'The largest loss is validator 5whale..xxxx (uid 0): -32.0000 alpha (-26.67 %).',
    )
  })

  it('says when nothing changes', () => {
    expect(headline(buildRunResult(exampleRun({ noOp: true })), 31)).toBe(
      'Nobody gains and nobody loses: each account is paid the same to the rao, in every epoch, of 634.0000 alpha over 2 epochs of subnet 31.',
    )
  })

  it('does not hide that epochs differ while the sums agree', () => {
    const noOp = buildRunResult(exampleRun({ noOp: true }))
    const cancelling: RunResult = { ...noOp, rewards: { ...noOp.rewards, isEmpty: false } }
    expect(headline(cancelling, 31)).toContain('over the whole run, though not in every epoch')
  })

  it('says when more or less is paid in total', () => {
    const accounts = result.rewards.accounts.filter(({ changeRao }) => !changeRao.startsWith('-'))
    const richer: RunResult = { ...result, rewards: { ...result.rewards, accounts } }
    expect(headline(richer, 31)).toContain(
      '4 accounts gain and none lose: 0.0000 of 634.0000 alpha (0.00 %) changes hands over 2 epochs of subnet 31. ' +
        'All accounts together are paid 56.0000 alpha more.',
    )
  })

  it('speaks of the named subnet alone', () => {
    expect(headline(result, 2)).toContain('Nobody gains and nobody loses')
  })
})

describe('ranked', () => {
  it('orders by size and leaves out what is burned', () => {
    const burned = result.rewards.accounts.map((account) => ({ ...account, role: 'burned' as const }))
    expect(ranked(result, 31, 'winners').map(({ uid }) => uid)).toEqual([2, 5, 1, 3])
    expect(ranked(result, 31, 'losers').map(({ uid, role }) => `${uid} ${role}`)).toEqual([
      '0 validator',
      '4 miner',
      '0 nominator',
    ])
    expect(ranked({ ...result, rewards: { ...result.rewards, accounts: burned } }, 31, 'winners')).toEqual([])
  })
})
