import { wasmArguments } from './policies.js'
import type { PolicyPatch } from './policy.js'

/** Rao that the role split among the policies moves from validators to miners in an epoch over so many rao; negative the other
 *  way, 0n without one. The definition of `runtime-patches/policies/src/role_split.rs`. */
export function movedRao(patches: readonly PolicyPatch[]): (epochRao: bigint) => bigint {
  const split = patches.find(({ policy }) => policy === 'role-split')
  if (split === undefined) return () => 0n
  const [minerPpb = 0] = wasmArguments(split)
  const whole = 1_000_000_000n
  // Division truncates towards zero, as there.
  return (epochRao) => (epochRao * (2n * BigInt(minerPpb) - whole)) / (2n * whole)
}
