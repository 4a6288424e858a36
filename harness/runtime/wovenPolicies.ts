import type { HookDefinition, HookPatch } from './hookPatch.js'
import { policyDefinition, wasmArguments } from './policies.js'
import type { HookName, PolicyPatch, PoolMove } from './policy.js'

/** A hook as it is woven in: its functions call the host's hook of this number. */
interface WovenHook {
  readonly kind: 'hook'
  readonly definition: HookDefinition
  /** Its place among the hooks that the arm is opened with. */
  readonly number: number
  readonly params: HookPatch['params']
}

/** What can be woven into a runtime. */
export type Weavable = PolicyPatch | WovenHook

/** A call of a function of the patch module at a hook. */
export interface WovenPolicy {
  /** Of a policy its name, of a hook `hook:` and its name. */
  readonly policy: string
  readonly params: Readonly<Record<string, number | string | boolean>>
  readonly hook: HookName
  /** The function, by its export; none where rao are only moved between the pools. */
  readonly export: string | undefined
  /** What it takes after the hook's own parameters. */
  readonly args: readonly number[]
  /** Its name in the woven runtime. */
  readonly symbol: string
  /** It moves rao between the pools, before its own function acts inside them. */
  readonly moves: PoolMove | undefined
}

/** A hook may ask for what the epoch stores. */
const hookMove: PoolMove = { export: 'hook_role_pools_moved', readsEpoch: true }

/** What is called where, in the order stated: a policy at its hook, a hook at each of its hooks.
 *  @throws E121 to E123 */
export function wovenPolicies(patches: readonly Weavable[]): WovenPolicy[] {
  return patches.flatMap((patch): WovenPolicy[] => {
    const { params } = patch
    if (patch.kind === 'policy') {
      const { hook, name, export: exported } = policyDefinition(patch.policy)
      const args = wasmArguments(patch)
      return [{ policy: patch.policy, params, hook, export: exported, args, symbol: name, moves: poolMove(patch) }]
    }
    const { name, members } = patch.definition
    const step = { policy: `hook:${name}`, params, args: [patch.number] }
    const at = (hook: HookName, acts: boolean, moves?: PoolMove): WovenPolicy[] => {
      const symbol = `hook_${hook}`
      return acts || moves ? [{ ...step, hook, export: acts ? symbol : undefined, symbol, moves }] : []
    }
    return [
      ...at('stake_weights', members.includes('stakeWeights')),
      ...at('epoch_rewards', members.includes('epochRewards'), members.includes('rolePools') ? hookMove : undefined),
    ]
  })
}

/** How the policy moves rao between the pools, if it does with its parameters. */
export function poolMove({ policy, params }: PolicyPatch): PoolMove | undefined {
  const isKeptInOne = params['pool'] === 'miner' || params['pool'] === 'validator'
  return isKeptInOne ? undefined : policyDefinition(policy).moves
}
