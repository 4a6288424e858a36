import type { HookName } from './policy.js'
import type { FunctionType } from './wasmModule.js'

const i32 = 0x7f
const i64 = 0x7e

/** Where a hook is in a runtime, and what must be true of the function there. */
export interface HookPlace {
  readonly hook: HookName
  /** Last part of the function's path; the first is `pallet_subtensor`. */
  readonly functionName: string
  readonly type: FunctionType
  /** How many direct calls there must be. */
  readonly calls: { readonly min: number; readonly max: number }
}

/** One place a hook, found in subtensor specs 293 and 300 and in the reference runtime; spec 218 has the first alone.
 *
 *  - `stake_weights`: (result, netuid). At result three vectors (total, alpha, tao), I64F64, one element a uid. Called by
 *    the epoch and by runtime APIs, which then show what the epoch takes.
 *  - `epoch_rewards`: (result, netuid, rao). At result a vector of {hotkey, server rao, validator rao}. Called once, by
 *    what drains the pending emission: more callers would mean more payouts than the replay accounts for. */
export const hookPlaces: Readonly<Record<HookName, HookPlace>> = {
  stake_weights: {
    hook: 'stake_weights',
    functionName: 'get_stake_weights_for_network',
    type: { params: [i32, i32], results: [] },
    calls: { min: 1, max: Infinity },
  },
  epoch_rewards: {
    hook: 'epoch_rewards',
    functionName: 'epoch',
    type: { params: [i32, i32, i64], results: [] },
    calls: { min: 1, max: 1 },
  },
}
