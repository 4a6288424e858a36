import type { EpochdiffError } from '../errors/epochdiffError.js'
import { policyOutOfRange, poolTooSmall, rewardsRefused, stakeWeightsRefused } from '../errors/runtime.js'

const refusals = [rewardsRefused, stakeWeightsRefused, poolTooSmall, policyOutOfRange]

/** The error whose number a woven policy logged before it stopped the runtime (`runtime-patches/patch-module/src/refusal.rs`);
 *  `undefined` if the runtime stopped otherwise. */
export function policyRefusal(cause: EpochdiffError): EpochdiffError | undefined {
  const code = /\bepochdiff: (E\d{3})/.exec(cause.short)?.[1]
  return refusals.find((refusal) => refusal.code === code)?.({}, { cause })
}
