import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { hostileNames, hostileResult, invisible } from '../../test/hostileResult.js'
import { buildRunResult } from './buildRunResult.js'
import { compareResults } from './compareResults.js'
import { renderComparison } from './comparison.js'
import type { RunResult } from './runResult.js'

const first = buildRunResult(exampleRun())
const noOp = buildRunResult(exampleRun({ noOp: true }))
const text = (a: RunResult, b: RunResult) => renderComparison(compareResults(a, b), { first: a, second: b }, 100)

describe('compareResults', () => {
  it('finds repetitions equal, whatever their timing', () => {
    const later = { ...first, timing: { ...first.timing, totalMs: 1 } }
    expect(compareResults(first, later)).toMatchObject({ equal: true, setup: [], checks: [] })
    expect(text(first, later)).toMatch(/^Equal: both are the same result, timing excepted: [0-9a-f]{64}\n$/)
  })

  it('says what was run otherwise, and what that changes', () => {
    const comparison = compareResults(first, noOp)
    expect(comparison.equal).toBe(false)
    expect(comparison.setup).toEqual([
      { what: 'proposal', first: 'stake-cap (percentile 88, scope permitted)', second: 'none' },
    ])
    const [subnet] = comparison.subnets
    expect(subnet?.accounts[0]).toMatchObject({
      uid: 0,
      role: 'validator',
      firstChangeRao: '-32000000000',
      secondChangeRao: '0',
      differenceRao: '32000000000',
    })
    expect(subnet?.accounts).toHaveLength(7)
    expect(subnet?.roles).toContainEqual({ role: 'validator', firstChangeRao: '4000000000', secondChangeRao: '0' })
    expect(subnet?.metrics).toContainEqual({ name: 'gained', first: 56, second: 0 })
    expect(comparison.checks).toContainEqual({
      name: 'expectation: change.stakeWeights.hotkey.gini (subnet 31)',
      first: 'pass',
      second: null,
    })
  })

  it('is the mirror image the other way round', () => {
    const [one, other] = [compareResults(first, noOp), compareResults(noOp, first)]
    const differences = ({ subnets }: typeof one) =>
      subnets.flatMap(({ accounts }) => accounts.map((a) => BigInt(a.differenceRao)))
    expect(differences(other)).toEqual(differences(one).map((rao) => -rao))
  })

  it('keeps apart what only one measures', () => {
    const other = { ...first, epochs: first.epochs.map((epoch) => ({ ...epoch, netuid: 7 })) }
    expect(compareResults(first, other)).toMatchObject({ subnets: [], onlyFirst: [31], onlySecond: [7] })
    expect(text(first, other)).toContain('Only the first measures subnet 31.')
  })

  it('is told in a few tables', () => {
    const shown = text(first, noOp)
    expect(shown).toContain('  proposal\n    first:  stake-cap (percentile 88, scope permitted)\n    second: none\n')
    expect(shown).toContain('  first:  4 accounts gain and 3 lose')
    expect(shown).toMatch(/5whale\.\.xxxx +0 +validator +-32\.0000 +0\.0000 +\+32\.0000/)
    expect(shown).toMatch(/change\.stakeWeights\.hotkey\.gini +-0\.\d+ +0\.000/)
    expect(text(first, { ...first, epochs: first.epochs.slice(1) })).toContain('Over 2 and 1 epochs')
  })

  it.each(hostileNames)('is inert with hostile name %#', (name) => {
    expect(text(first, hostileResult(first, name))).not.toMatch(invisible)
  })
})
