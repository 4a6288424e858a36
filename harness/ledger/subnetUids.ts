import type { ChainState } from './chainState.js'

/** Who holds a subnet's uids. The chain's vectors and events have one element an existing uid: with a gap in the uids
 *  their positions are ranks, not uids. */
export interface SubnetUids {
  /** Hotkeys by position. */
  readonly hotkeys: readonly string[]
  readonly uidOf: ReadonlyMap<string, number>
}

export function subnetUids(state: ChainState, netuid: number): SubnetUids {
  const uidOf = new Map<string, number>()
  const count = Number(state.int('SubnetworkN', netuid))
  for (let uid = 0; uid < count; uid += 1) {
    if (!state.has('Keys', netuid, uid)) continue
    uidOf.set(state.account('Keys', netuid, uid), uid)
  }
  return { hotkeys: [...uidOf.keys()], uidOf }
}
