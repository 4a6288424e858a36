import type { RewardDiff } from '../diff/diffLedgers.js'
import type { PolicyDefinition, PolicyPatch } from '../runtime/policy.js'
import type { Check } from './check.js'

/** True when every patch leaves its policy at the neutral value: such a proposal must change nothing.
 *  A parameter that a patch leaves out has its default. No patches at all are neutral. */
export function isNeutral(patches: readonly PolicyPatch[], definitions: readonly PolicyDefinition[]): boolean {
  return patches.every((patch) => {
    const definition = definitions.find(({ name }) => name === patch.policy)
    if (definition === undefined) throw new Error(`no policy ${patch.policy}`)
    const neutral = Object.entries(definition.neutral)
    return (
      neutral.length > 0 &&
      neutral.every(([name, value]) => {
        const fallback = definition.params.find((param) => param.name === name)?.default
        return (patch.params[name] ?? fallback) === value
      })
    )
  })
}

/** A neutral proposal must give an exactly empty diff (error otherwise); a proposal that should change something and
 *  changes nothing is a warning. */
export function checkNoOp(diff: RewardDiff, neutral: boolean): Check {
  const differing = diff.epochs.filter(({ accounts }) => accounts.some(({ changeRao }) => changeRao !== 0n))
  const seen = diff.isEmpty
    ? diff.sameVectors
      ? 'every account is paid the same in every epoch, and every output of the epochs is the same'
      : 'every account is paid the same in every epoch, but outputs of the epochs differ'
    : differing.length > 0
      ? `accounts are paid differently in ${differing.length} of ${diff.epochs.length} epochs`
      : 'every account is paid the same, but the totals of the epochs differ'
  const same = diff.isEmpty && diff.sameVectors
  if (neutral) {
    const expected = 'an exactly empty difference: the proposal is neutral'
    return same
      ? { name: 'no-op', level: 'pass', seen, expected, why: 'What differs elsewhere is due to the proposal alone.' }
      : {
          name: 'no-op',
          level: 'error',
          seen,
          expected,
          why: 'The arms differ in more than the proposal: no difference measured this way can be attributed to it.',
        }
  }
  const expected = 'a difference: the proposal is not neutral'
  return diff.isEmpty
    ? {
        name: 'no-op',
        level: 'warning',
        seen,
        expected,
        why: 'The proposal changes no reward on this state: it never binds here, or its hook was never reached.',
      }
    : { name: 'no-op', level: 'pass', seen, expected, why: 'The proposal acts on this state.' }
}
