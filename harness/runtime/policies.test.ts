import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { checkPolicyParams, isNeutral, policyDefinitions, wasmArguments } from './policies.js'

function refusal(policy: string, params: Record<string, unknown>) {
  try {
    checkPolicyParams(policy, params)
  } catch (error) {
    if (error instanceof EpochdiffError) return { code: error.code, text: `${error.short} ${error.fix}` }
    throw error
  }
  return undefined
}

describe('checkPolicyParams', () => {
  it('fills in defaults', () => {
    expect(checkPolicyParams('stake-cap', { percentile: 90 })).toEqual({
      kind: 'policy',
      policy: 'stake-cap',
      params: { percentile: 90, scope: 'permitted' },
    })
    expect(checkPolicyParams('performance-weighted', { lambda: 0.25 }).params).toEqual({ lambda: 0.25, pool: 'both' })
  })

  it.each([
    ['stake-cup', {}, 'E121', 'stake-cap, stake-power, performance-weighted, composite, trust-bonus'],
    ['stake-cap', { percentle: 88 }, 'E122', 'percentile, scope'],
    ['stake-cap', { percentile: 0 }, 'E123', 'above 0 up to 100'],
    ['stake-cap', { percentile: -1 }, 'E123', 'cannot be -1'],
    ['stake-cap', { percentile: 100.0000001 }, 'E123', 'up to 100'],
    ['stake-cap', { percentile: 88.12345678 }, 'E123', 'at most 7 decimals'],
    ['stake-cap', { percentile: Number.NaN }, 'E123', 'cannot be NaN'],
    ['stake-cap', { percentile: '88' }, 'E123', "cannot be '88'"],
    ['stake-cap', { percentile: null }, 'E123', 'cannot be null'],
    ['stake-cap', { percentile: 88, scope: 'some' }, 'E123', 'permitted, all'],
    ['stake-cap', { scope: 0 }, 'E123', 'permitted, all'],
    ['stake-power', { theta: 0 }, 'E123', 'above 0 up to 1'],
    ['stake-power', { theta: 1.000000001 }, 'E123', 'up to 1'],
    ['stake-power', { theta: 0.0000000001 }, 'E123', 'at most 9 decimals'],
    ['performance-weighted', { lambda: 1.1 }, 'E123', 'from 0 up to 1'],
    ['performance-weighted', { lambda: 0.1234567891 }, 'E123', 'at most 9 decimals'],
    ['performance-weighted', { lambda: 0.5, pool: 'owner' }, 'E123', 'both, miner, validator'],
    ['performance-weighted', { lambda: 10n }, 'E123', 'cannot be 10'],
    ['composite', { a: 4.00000001 }, 'E123', 'from 0 up to 4'],
    ['composite', { b: -0.5 }, 'E123', 'from 0 up to 4'],
    ['composite', { aMiner: 0.123456789 }, 'E123', 'at most 8 decimals'],
    ['composite', { c: 1 }, 'E122', 'a, b, aMiner, mix, pool'],
    ['aiarena', { gamma: 0.500000001 }, 'E123', 'from 0 up to 0.5'],
    ['trust-bonus', { beta: 10.00000001 }, 'E123', 'from 0 up to 10'],
    ['trust-bonus', { beta: 0.000000001 }, 'E123', 'at most 8 decimals'],
  ])('refuses %s %p', (policy, params, code, text) => {
    const refused = refusal(policy, params)
    expect(refused?.code).toBe(code)
    expect(refused?.text).toContain(text)
  })
})

describe('wasmArguments', () => {
  it('are parts per billion and the position of the choice', () => {
    expect(wasmArguments(checkPolicyParams('stake-cap', { percentile: 88.1234567, scope: 'all' }))).toEqual([
      881_234_567, 1,
    ])
    expect(wasmArguments(checkPolicyParams('stake-cap', { percentile: 100 }))).toEqual([1_000_000_000, 0])
    expect(wasmArguments(checkPolicyParams('stake-power', { theta: 0.75 }))).toEqual([750_000_000])
    expect(wasmArguments(checkPolicyParams('composite', { a: 4, b: 0.5, mix: 0.25 }))).toEqual([
      400_000_000, 50_000_000, 0, 250_000_000, 0,
    ])
    expect(wasmArguments(checkPolicyParams('trust-bonus', { beta: 10, pool: 'miner' }))).toEqual([1_000_000_000, 1])
    expect(wasmArguments(checkPolicyParams('performance-weighted', { lambda: 0.1, pool: 'validator' }))).toEqual([
      100_000_000, 2,
    ])
  })

  it('are exact for every decimal that is allowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (parts) => {
        const percentile = Number(`${Math.floor(parts / 1e7)}.${String(parts % 1e7).padStart(7, '0')}`)
        expect(wasmArguments(checkPolicyParams('stake-cap', { percentile }))[0]).toBe(parts)
        const lambda = Number(`${Math.floor(parts / 1e9)}.${String(parts % 1e9).padStart(9, '0')}`)
        expect(wasmArguments(checkPolicyParams('performance-weighted', { lambda }))[0]).toBe(parts)
      }),
    )
  })
})

it('isNeutral is true at the neutral parameters and nowhere else', () => {
  for (const { name, neutral } of policyDefinitions) {
    expect(isNeutral(checkPolicyParams(name, neutral))).toBe(true)
    expect(isNeutral(checkPolicyParams(name, {}))).toBe(false)
  }
  expect(isNeutral(checkPolicyParams('stake-cap', { percentile: 99.9999999 }))).toBe(false)
})
