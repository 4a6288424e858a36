import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { metricValues } from '../checks/expectations.js'
import { buildRunResult } from './buildRunResult.js'
import { parseRunResult, serialiseRunResult } from './runResult.js'
import { resultMetrics } from './resultMetrics.js'

describe('resultMetrics', () => {
  it('has the values that the expectations of the run were checked against', () => {
    const run = exampleRun()
    const result = parseRunResult(serialiseRunResult(buildRunResult(run)))
    expect([...resultMetrics(result)]).toEqual([[31, metricValues(31, run.concentrations, run.diff)]])
    expect(resultMetrics(result).get(31)?.get('gained')).toBe(56)
  })

  it('has no value where nobody holds anything', () => {
    const result = buildRunResult(exampleRun())
    const concentration = result.concentration.map((each) => ({ ...each, baseline: { ...each.baseline, gini: null } }))
    const values = resultMetrics({ ...result, concentration }).get(31)
    expect(values?.has('baseline.rewards.hotkey.gini')).toBe(true)
    expect(values?.get('change.rewards.hotkey.gini')).toBeUndefined()
  })
})
