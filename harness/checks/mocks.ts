import type { Check } from './check.js'

/** Lists what the run answered for itself instead of executing it.
 *  @param mocks each in words: skipped blocks, absent inherents, feeds, host functions that were called but not resolved */
export function checkMocks(mocks: readonly string[]): Check {
  const common = { name: 'mocks', expected: 'everything that is not executed is listed' }
  return mocks.length === 0
    ? { ...common, level: 'pass', seen: 'nothing was mocked', why: 'Every step ran in the runtime.' }
    : {
        ...common,
        level: 'info',
        seen: mocks.join('; '),
        why: 'These steps do not run as on chain, in both arms alike; judge whether the proposal depends on them.',
      }
}
