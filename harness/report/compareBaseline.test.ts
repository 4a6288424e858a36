import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { baselineOf, parseBaseline, serialiseBaseline } from './baseline.js'
import { buildRunResult } from './buildRunResult.js'
import { compareBaseline, type Tolerance } from './compareBaseline.js'
import type { RunResult } from './runResult.js'

const result = buildRunResult(exampleRun())
const kept = parseBaseline(serialiseBaseline(baselineOf(result)), 'kept.json')
const levels = (now: RunResult, tolerances: readonly Tolerance[] = []) =>
  Object.fromEntries(
    compareBaseline(kept, now, tolerances).map(({ name, level }) => [name.replace('kept result: ', ''), level]),
  )
const passed = { 'what was run': 'pass', 'metrics (subnet 31)': 'pass', verdicts: 'pass', amounts: 'pass' }

/** The result with another Gini coefficient of the candidate's rewards. */
function withGini(change: number): RunResult {
  const concentration = result.concentration.map((each) =>
    each.distribution === 'rewards' && each.unit === 'hotkey'
      ? { ...each, candidate: { ...each.candidate, gini: (each.candidate.gini ?? 0) + change } }
      : each,
  )
  return { ...result, concentration }
}

describe('compareBaseline', () => {
  it('passes for the same result', () => {
    expect(levels(result)).toEqual(passed)
  })

  it('fails when nothing was kept', () => {
    expect(compareBaseline(undefined, result, [])).toMatchObject([{ name: 'kept result', level: 'error' }])
  })

  it('fails for a metric that moved, and names it with both values', () => {
    expect(levels(withGini(0.01))).toEqual({ ...passed, 'metrics (subnet 31)': 'error' })
    const seen = compareBaseline(kept, withGini(0.01), [])[1]?.seen
    expect(seen).toMatch(/^candidate\.rewards\.hotkey\.gini 0\.\d+ -> 0\.\d+; change\.rewards\.hotkey\.gini /)
  })

  it.each([
    [[{ metric: '*', absolute: 0.011 }], 'pass'],
    [[{ metric: '*', absolute: 0.009 }], 'error'],
    [[{ metric: '*.rewards.hotkey.gini', absolute: 0.011 }], 'pass'],
    [[{ metric: 'candidate.*', absolute: 0.011 }], 'error'],
    [
      [
        { metric: 'candidate.*', relative: 0.5 },
        { metric: 'change.*', absolute: 1 },
      ],
      'pass',
    ],
    [
      [
        { metric: 'change.*', absolute: 0 },
        { metric: '*', absolute: 1 },
      ],
      'error',
    ],
    [[{ metric: 'candidateXrewards*', absolute: 1 }], 'error'],
  ])('with the tolerances %j: %s', (tolerances, level) => {
    expect(levels(withGini(0.01), tolerances)['metrics (subnet 31)']).toBe(level)
  })

  it('fails for a metric that lost its value, whatever the tolerance', () => {
    const concentration = result.concentration.map((each) => ({
      ...each,
      candidate: { ...each.candidate, gini: null },
    }))
    expect(levels({ ...result, concentration }, [{ metric: '*', absolute: 9 }])['metrics (subnet 31)']).toBe('error')
  })

  it('fails for another block and warns of another scenario; another runtime is worth knowing', () => {
    const fork = { ...result.fork, block: { number: 1, hash: '0x00' } }
    expect(levels({ ...result, fork })).toEqual({ ...passed, 'what was run': 'error' })
    const scenario = { ...result.scenario, sha256: '0'.repeat(64) }
    expect(levels({ ...result, scenario })).toEqual({ ...passed, 'what was run': 'warning' })
    const baseline = { ...result.runtimes.baseline, sha256: '0'.repeat(64) }
    expect(levels({ ...result, runtimes: { ...result.runtimes, baseline } })).toEqual({
      ...passed,
      'what was run': 'info',
    })
  })

  it('fails for a worse verdict and for one that is gone, not for a better one', () => {
    const [first, ...others] = result.checks
    if (first === undefined) throw new Error('the example has checks')
    const verdict = (checks: RunResult['checks']) => levels({ ...result, checks })['verdicts']
    expect(verdict([{ ...first, level: 'warning' }, ...others])).toBe('error')
    expect(verdict(others)).toBe('error')
    expect(verdict(result.checks.map((check) => ({ ...check, level: 'pass' })))).toBe('info')
  })

  it('tells amounts that differ within the tolerances', () => {
    const ledger = result.ledger.map((amounts) => ({ ...amounts, baselineRao: '1 1' }))
    expect(levels({ ...result, ledger })).toEqual({ ...passed, amounts: 'info' })
  })
})

describe('parseBaseline', () => {
  it.each(['{', '{}', serialiseBaseline(kept).replace('"baselineVersion": 1', '"baselineVersion": 2')])(
    'refuses %j',
    (text) => {
      expect(() => parseBaseline(text, 'kept.json')).toThrow(expect.objectContaining({ code: 'E621', exitCode: 2 }))
    },
  )
})
