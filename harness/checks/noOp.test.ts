import { describe, expect, it } from '@jest/globals'
import type { RewardDiff } from '../diff/diffLedgers.js'
import { checkNoOp } from './noOp.js'

const change = (changeRao: bigint) => ({
  netuid: 31,
  uid: 0,
  hotkey: 'h',
  coldkey: 'c',
  role: 'miner' as const,
  baselineRao: 5n,
  candidateRao: 5n + changeRao,
  changeRao,
})
const diff = (isEmpty: boolean, sameVectors: boolean, changeRao = 0n): RewardDiff => ({
  isEmpty,
  sameVectors,
  accounts: [],
  epochs: [{ epoch: 0, netuid: 31, accounts: [change(changeRao)] }],
  roles: [],
  winners: [],
  losers: [],
})

describe('checkNoOp', () => {
  it.each([
    ['neutral, nothing differs', true, diff(true, true), 'pass'],
    ['neutral, rewards differ', true, diff(false, true, 1n), 'error'],
    ['neutral, only outputs differ', true, diff(true, false), 'error'],
    ['neutral, only totals differ', true, diff(false, true), 'error'],
    ['a proposal that acts', false, diff(false, false, 1n), 'pass'],
    ['a proposal that does nothing', false, diff(true, true), 'warning'],
    ['a proposal that changes outputs but no reward', false, diff(true, false), 'warning'],
  ])('%s', (_, neutral, rewards, level) => {
    expect(checkNoOp(rewards, neutral).level).toBe(level)
  })
})
