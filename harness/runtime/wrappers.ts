import { call, functionBody, globalGet, globalSet, i32Const, i64Sub, localGet, type Code } from './assembler.js'
import type { FoundFunction, FoundHook } from './symbols.js'

/** A policy at a hook, as the wrapper calls it. */
export interface PolicyCall {
  /** Index of the patch module's function in the runtime. */
  readonly index: number
  readonly args: readonly number[]
  /** It takes and returns rao that move between the pools instead. */
  readonly movesPools: boolean
}

/** Globals that wrappers hand on; those that are not needed are not there. */
export interface WrapperGlobals {
  /** i32: the netuid of the epoch that runs. */
  readonly netuid: number | undefined
  /** i64: rao that are still to move from validators to miners in the payout that runs. */
  readonly moved: number | undefined
  /** i64: what the payout's epochs still have to divide. */
  readonly ofRao: number | undefined
}

/** What a wrapper does around the original. */
interface Wrapping {
  readonly before: readonly Code[]
  readonly after: readonly Code[]
}

/** Around a hook's own function: its policies, before the original or on its result. */
export function policyWrapping(hook: FoundHook, policies: readonly PolicyCall[], globals: WrapperGlobals): Wrapping {
  const { layout, acts, hook: name } = hook.place
  const { moved, ofRao } = globals
  if (name === 'stake_weights') {
    const [address, len, netuid] =
      acts === 'before'
        ? [localGet(0), localGet(1), globals.netuid === undefined ? i32Const(0) : globalGet(globals.netuid)]
        : [localGet(0), i32Const(0), localGet(1)]
    const calls = policies.flatMap(({ index, args }) => [
      address,
      len,
      netuid,
      i32Const(layout.number),
      ...args.map(i32Const),
      call(index),
    ])
    return acts === 'before' ? { before: calls, after: [] } : { before: [], after: calls }
  }
  const rao = hook.type.params.length - 1
  const calls = policies.flatMap(({ index, args, movesPools }) => {
    const common = [localGet(0), localGet(1), localGet(rao), i32Const(layout.number)]
    if (!movesPools) return [...common, ...args.map(i32Const), call(index)]
    if (moved === undefined || ofRao === undefined) return []
    return [
      // moved -= what the policy moved of it; ofRao -= rao
      globalGet(moved),
      ...common,
      globalGet(moved),
      globalGet(ofRao),
      call(index),
      i64Sub,
      globalSet(moved),
      globalGet(ofRao),
      localGet(rao),
      i64Sub,
      globalSet(ofRao),
    ]
  })
  return { before: [], after: calls }
}

/** Around the function that alone is told the netuid. */
export function netuidWrapping(global: number): Wrapping {
  return { before: [localGet(1), globalSet(global)], after: [] }
}

/** A function with the original's type that does what all wrappings say, the first outermost. */
export function wrapperBody(
  { type }: Pick<FoundFunction, 'type'>,
  originalIndex: number,
  wrappings: readonly Wrapping[],
): Uint8Array {
  const parameters = type.params.map((_, index) => localGet(index))
  return functionBody(
    [],
    [
      ...wrappings.flatMap(({ before }) => before),
      ...parameters,
      call(originalIndex),
      ...wrappings.toReversed().flatMap(({ after }) => after),
    ],
  )
}
