import type { HookName } from './policy.js'
import type { FunctionType } from './wasmModule.js'

const i32 = 0x7f
const i64 = 0x7e

/** A function that the weaver puts a wrapper around. */
export interface HookFunction {
  /** Last part of its path; the first is `pallet_subtensor`. */
  readonly functionName: string
  readonly type: FunctionType
}

/** How a hook's values lie in memory, as the patch module's functions are told. */
interface Layout {
  readonly name: 'vectors' | 'slice' | 'rows' | 'terms'
  readonly number: number
}

/** The function that runs an epoch and pays it: where a policy can move rao between the pools. */
export interface PayoutPlace extends HookFunction {
  /** Number of its parameters' meaning, as the patch module's functions are told. */
  readonly layout: number
  /** What an argument is changed by for each rao that moves from validators to miners; the epoch's own rao by their sum. */
  readonly perMovedRao: readonly { readonly param: number; readonly factor: -2 | -1 | 1 }[]
}

/** Of a vector's header. */
export const resultBytes = 12

/** Where a hook can be in a runtime, and what must be true of the function there. */
export interface HookPlace extends HookFunction {
  readonly hook: HookName
  readonly layout: Layout
  /** Functions that run an epoch, one of which must call it exactly once. */
  readonly epochCallers: readonly string[]
  /** Other functions that may call it: runtime APIs, which then show what the epoch takes. */
  readonly otherCallers: readonly string[]
  /** What is known of each runtime version: its callers and their direct calls, all of them. */
  readonly knownCallers: readonly {
    readonly specVersions: readonly number[]
    readonly callers: Readonly<Record<string, number>>
  }[]
  /** Size of the result, where the function is the whole epoch and gets what the payout divides, all of it: it can be run
   *  before the payout, which is then handed the result. */
  readonly resultBytes?: typeof resultBytes
  /** Whether policies act on the parameters, before the function, or on its result. */
  readonly acts: 'before' | 'after'
  /** The function whose parameter 1 is the netuid, where the place's own function does not get it. */
  readonly netuidFrom?: HookFunction
  /** Where the function pays; it is also the only one that may call it. */
  readonly payouts?: readonly PayoutPlace[]
}

const drainPendingEmission: PayoutPlace = {
  functionName: 'drain_pending_emission',
  type: { params: [i32, i64, i64, i64, i64], results: [] },
  layout: 0,
  // Of (alpha, root TAO, alpha swapped for it, cut): validators get half of the alphas less the swapped one.
  perMovedRao: [{ param: 1, factor: -2 }],
}

const distributeEmission: PayoutPlace = {
  functionName: 'distribute_emission',
  type: { params: [i32, i64, i64, i64, i64], results: [] },
  layout: 1,
  // Of (server, validator, root, cut)
  perMovedRao: [
    { param: 1, factor: 1 },
    { param: 2, factor: -1 },
  ],
}

const epochMechanism: HookFunction = {
  functionName: 'epoch_mechanism',
  type: { params: [i32, i32, i32, i64], results: [] },
}

/** The places of each hook in order of preference, as found in subtensor's runtimes; the first that a runtime has is taken.
 *
 *  | hook | place | what a policy gets | found in |
 *  |---|---|---|---|
 *  | `stake_weights` | result of `get_stake_weights_for_network` (result, netuid) | three vectors (total, alpha, TAO) of I64F64 by uid, the total before the threshold | 218, 293, 300, reference |
 *  | | parameters of `inplace_normalize_64` (address, length) | the total after the threshold | 425, where the above is part of its callers |
 *  | `epoch_rewards` | result of `epoch` (result, netuid, rao) | a vector of 48 bytes a hotkey: hotkey, rao as miner, rao as validator | 293, 300, reference |
 *  | | result of `epoch_mechanism` (result, netuid, mechanism, rao) | a BTreeMap from hotkeys to terms of 64 bytes | 425 |
 *
 *  The layouts are the compilers' own: each run probes them on its own state (`harness/scenario/probeLayouts.ts`). */
export const hookPlaces: Readonly<Record<HookName, readonly HookPlace[]>> = {
  stake_weights: [
    {
      hook: 'stake_weights',
      functionName: 'get_stake_weights_for_network',
      type: { params: [i32, i32], results: [] },
      layout: { name: 'vectors', number: 0 },
      epochCallers: ['epoch', 'run_coinbase'],
      otherCallers: [
        'get_subnet_state',
        'SubnetInfoRuntimeApi_get_subnet_state',
        'get_metagraph',
        'get_single_selective_metagraph',
      ],
      knownCallers: [
        { specVersions: [218], callers: { run_coinbase: 1, SubnetInfoRuntimeApi_get_subnet_state: 1 } },
        {
          specVersions: [293, 300],
          callers: { epoch: 1, get_subnet_state: 1, get_metagraph: 1, get_single_selective_metagraph: 3 },
        },
      ],
      acts: 'after',
    },
    {
      hook: 'stake_weights',
      functionName: 'inplace_normalize_64',
      type: { params: [i32, i32], results: [] },
      layout: { name: 'slice', number: 1 },
      epochCallers: [epochMechanism.functionName],
      otherCallers: [],
      knownCallers: [{ specVersions: [425], callers: { [epochMechanism.functionName]: 1 } }],
      acts: 'before',
      netuidFrom: epochMechanism,
    },
  ],
  epoch_rewards: [
    {
      hook: 'epoch_rewards',
      functionName: 'epoch',
      type: { params: [i32, i32, i64], results: [] },
      layout: { name: 'rows', number: 0 },
      resultBytes,
      epochCallers: [drainPendingEmission.functionName, distributeEmission.functionName],
      otherCallers: [],
      knownCallers: [{ specVersions: [293, 300], callers: { [drainPendingEmission.functionName]: 1 } }],
      acts: 'after',
      payouts: [drainPendingEmission, distributeEmission],
    },
    {
      ...epochMechanism,
      hook: 'epoch_rewards',
      layout: { name: 'terms', number: 1 },
      epochCallers: [distributeEmission.functionName],
      otherCallers: [],
      knownCallers: [{ specVersions: [425], callers: { [distributeEmission.functionName]: 1 } }],
      acts: 'after',
      payouts: [distributeEmission],
    },
  ],
}
