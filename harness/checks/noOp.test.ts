import { describe, expect, it } from '@jest/globals'
import type { RewardDiff } from '../diff/diffLedgers.js'
import type { PolicyDefinition } from '../runtime/policy.js'
import { checkNoOp, isNeutral } from './noOp.js'

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

describe('isNeutral', () => {
  const cap: PolicyDefinition = {
    name: 'stake-cap',
    hook: 'stake_weights',
    title: '',
    formula: '',
    source: '',
    neutral: { percentile: 100 },
    params: [
      {
        name: 'percentile',
        kind: 'number',
        description: '',
        min: 0,
        max: 100,
        minExclusive: true,
        default: 88,
        scale: 1000,
      },
      { name: 'scope', kind: 'choice', description: '', choices: ['permitted', 'all'], default: 'permitted' },
    ],
    export: 'stake_cap',
  }
  const power: PolicyDefinition = { ...cap, name: 'stake-power', neutral: { percentile: 88 } }
  const never: PolicyDefinition = { ...cap, name: 'aiarena', neutral: {} }
  const patch = (policy: string, params = {}) => ({ kind: 'policy' as const, policy, params })

  it.each([
    ['no patches', [], true],
    ['the neutral value', [patch('stake-cap', { percentile: 100 })], true],
    ['the neutral value with other parameters', [patch('stake-cap', { percentile: 100, scope: 'all' })], true],
    ['another value', [patch('stake-cap', { percentile: 99 })], false],
    ['a default that is not neutral', [patch('stake-cap')], false],
    ['a default that is neutral', [patch('stake-power')], true],
    [
      'a neutral patch and another',
      [patch('stake-cap', { percentile: 100 }), patch('stake-cap', { percentile: 5 })],
      false,
    ],
    ['a policy without a neutral value', [patch('aiarena')], false],
  ])('%s', (_, patches, neutral) => {
    expect(isNeutral(patches, [cap, power, never])).toBe(neutral)
  })

  it('does not guess about a policy it does not know', () => {
    expect(() => isNeutral([patch('other')], [cap])).toThrow('no policy other')
  })
})
