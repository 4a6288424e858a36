import type { RewardDiff } from '../diff/diffLedgers.js'
import type { Check } from './check.js'

/** A neutral proposal must give an exactly empty diff (error otherwise); a proposal that should change something and
 *  changes nothing is a warning.
 *  @param neutral whether every patch leaves its policy at the neutral value */
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
