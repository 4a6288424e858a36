import { beforeAll, describe, expect, it } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import type { EpochdiffError } from '../errors/epochdiffError.js'
import { loadScenario } from './loadScenario.js'
import { applyOverrides } from './overrides.js'
import type { Scenario } from './scenario.js'

let scenario: Scenario
beforeAll(async () => {
  const file = fileURLToPath(new URL('../../scenarios/sn31-stake-cap-88.yaml', import.meta.url))
  ;({ scenario } = await loadScenario(file))
})

function refused(override: string, from = scenario): EpochdiffError {
  try {
    applyOverrides(from, [override])
  } catch (error) {
    return error as EpochdiffError
  }
  throw new Error('was taken')
}

describe('applyOverrides', () => {
  it('sets parameters of a policy and of the replay, the last one winning', () => {
    const changed = applyOverrides(scenario, [
      'stake-cap.percentile=90',
      'replay.epochs=10',
      'stake-cap.percentile=95.5',
      'stake-cap.scope=all',
      'replay.mode=blocks',
    ])
    expect(changed.patches[0]).toMatchObject({ params: { percentile: 95.5, scope: 'all' } })
    expect(changed.replay).toEqual({ epochs: 10, mode: 'blocks' })
    expect(scenario.patches[0]).toMatchObject({ params: { percentile: 88, scope: 'permitted' } })
    expect(applyOverrides(scenario, [])).toEqual(scenario)
  })

  const bounds = 'Set "percentile" to a number above 0 up to 100 with at most 7 decimals.'
  it.each([
    ['stake-cap.percentile=0', 'cannot be 0.', bounds],
    ['stake-cap.percentile=101', 'cannot be 101.', bounds],
    ['stake-cap.percentile=abc', 'Parameter "percentile" of policy "stake-cap" cannot be', bounds],
    ['stake-cap.percentile=', 'Parameter "percentile" of policy "stake-cap" cannot be', bounds],
    ['stake-cap.percentile=0x10', 'Parameter "percentile" of policy "stake-cap" cannot be', bounds],
    ['stake-cap.percentile=NaN', 'Parameter "percentile" of policy "stake-cap" cannot be', bounds],
    ['stake-cap.percentil=9', 'has no parameter "percentil"', 'percentile, scope'],
    ['stakecap.percentile=9', 'the scenario has no policy "stakecap": it has stake-cap', 'Did you mean "stake-cap"?'],
    ['performance-weighted.lambda=1', 'has no policy "performance-weighted"', 'stake-cap.PARAMETER=VALUE'],
    ['percentile=9', 'not of the form name.parameter=value', 'stake-cap.PARAMETER=VALUE'],
    [
      'replay.epochs=0',
      '0 is not accepted',
      'How many epochs of each subnet, 1 to 10000; the recorded fork (sn31) has 100.',
    ],
    ['replay.epochs=101', '101 is not accepted', '1 to 100'],
    ['replay.epochs=ten', '"ten" is not accepted', '1 to 100'],
    ['replay.epochs=1.5', '1.5 is not accepted', '1 to 100'],
    ['replay.epoch=1', 'there is no such key here', 'Did you mean "epochs"?'],
  ])('refuses %s', (override, problem, fix) => {
    const error = refused(override)
    expect(error.code).toBe('E104')
    expect(error.exitCode).toBe(2)
    expect(error.short).toContain(`--set ${override}: `)
    expect(error.short).toContain(problem)
    expect(error.fix).toContain(fix)
  })

  it('refuses a policy that stands twice: which one is meant?', () => {
    const twice = { ...scenario, patches: [...scenario.patches, ...scenario.patches] }
    expect(refused('stake-cap.percentile=90', twice).short).toContain('stands 2 times')
  })

  it('says so when the scenario has no policy at all', () => {
    expect(refused('stake-cap.percentile=90', { ...scenario, patches: [] }).short).toContain('nor any other')
  })
})
