/** A point in a runtime where a policy acts. */
export type HookName = 'stake_weights' | 'epoch_rewards'

/** A policy of a scenario with its parameters as the user wrote them, already checked against the policy's definition. */
export interface PolicyPatch {
  readonly kind: 'policy'
  readonly policy: string
  readonly params: Readonly<Record<string, number | string>>
}

export type PolicyParam =
  | {
      readonly name: string
      readonly kind: 'number'
      readonly description: string
      /** Open or closed bounds, as the user sees them. */
      readonly min: number
      readonly max: number
      readonly minExclusive: boolean
      readonly default: number
      /** The wasm argument is round(value * scale), exact or refused. */
      readonly scale: number
    }
  | {
      readonly name: string
      readonly kind: 'choice'
      readonly description: string
      /** The wasm argument is the index of the choice. */
      readonly choices: readonly string[]
      readonly default: string
    }

/** How a policy says what moves between the pools. */
export interface PoolMove {
  /** Function of the patch module that says how many rao, with all of the policy's parameters. */
  readonly export: string
  /** It reads what the epoch stores, so the epoch is run once to tell it, undone, and run again with the amounts moved. */
  readonly readsEpoch: boolean
}

/** A named, parameterised rule at a hook, as `epochdiff policies` prints it and as the weaver passes it to the patch module. */
export interface PolicyDefinition {
  readonly name: string
  readonly hook: HookName
  readonly title: string
  readonly formula: string
  readonly source: string
  /** Parameter values under which the policy changes nothing. */
  readonly neutral: Readonly<Record<string, number | string>>
  /** In the order of the wasm export's arguments after the hook's own. */
  readonly params: readonly PolicyParam[]
  /** Function of the patch module that acts at the hook; none where rao are only moved between the pools. */
  readonly export?: string
  /** It moves rao between the pools of miners and validators, which also takes the function that pays the epoch. A parameter
   *  `pool` that names one pool keeps it inside that one. */
  readonly moves?: PoolMove
  /** Parameters that add up to 1. */
  readonly wholeOf?: readonly string[]
}
