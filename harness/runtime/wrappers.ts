import {
  call,
  functionBody,
  globalGet,
  globalSet,
  i32Const,
  i64Add,
  i64Const,
  i64Eqz,
  i64Mul,
  i64Sub,
  ifElse,
  localGet,
  localSet,
  type Code,
} from './assembler.js'
import type { PayoutPlace } from './hooks.js'
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
  // Some payouts change what the epoch is told to divide: it gets its own amount back.
  const change = (hook.payout?.place.perMovedRao ?? []).reduce((sum, { factor }) => sum + factor, 0)
  const restore =
    moved === undefined || change === 0
      ? []
      : [localGet(rao), globalGet(moved), i64Const(BigInt(change)), i64Mul, i64Sub, localSet(rao)]
  return { before: restore, after: calls }
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

/** Functions that the payout's wrapper calls, in the runtime's indices. */
export interface PayoutCalls {
  readonly original: number
  /** Of the patch module: how many rao the policy moves, and what the epoch divides. */
  readonly movedRao: number
  readonly epochRao: number
  /** `movedRao` reads what the epoch stores. */
  readonly readsEpoch: boolean
  readonly args: readonly number[]
  readonly startTransaction: number
  readonly commit: number
  readonly rollback: number
}

/** Around the function that runs an epoch and pays it: it gets amounts between which rao has moved. If then the epoch could
 *  not move them (nobody is a miner, or a validator), all is undone and done again with the amounts as they were. Where the
 *  policy reads what the epoch stores, the function runs first with the amounts as they are, which stays if none move. */
export function payoutBody(place: PayoutPlace, calls: PayoutCalls, moved: number, ofRao: number): Uint8Array {
  const pools = [localGet(1), localGet(2), localGet(3), i32Const(place.layout)]
  const change = ({ param, factor }: PayoutPlace['perMovedRao'][number]) => [
    localGet(param),
    globalGet(moved),
    i64Const(BigInt(factor)),
    i64Mul,
    i64Add,
  ]
  const unchanged = place.type.params.map((_, index) => localGet(index))
  const changed = place.type.params.flatMap((_, index) => {
    const perRao = place.perMovedRao.find(({ param }) => param === index)
    return perRao === undefined ? [localGet(index)] : change(perRao)
  })
  const [before, ifNone, ifSome] = calls.readsEpoch
    ? [[call(calls.startTransaction), ...unchanged, call(calls.original)], [call(calls.commit)], [call(calls.rollback)]]
    : [[], [...unchanged, call(calls.original)], []]
  return functionBody(
    [],
    [
      ...before,
      ...pools,
      localGet(0),
      ...calls.args.map(i32Const),
      call(calls.movedRao),
      globalSet(moved),
      globalGet(moved),
      i64Eqz,
      ifElse(ifNone, [
        ...ifSome,
        ...pools,
        call(calls.epochRao),
        globalSet(ofRao),
        call(calls.startTransaction),
        ...changed,
        call(calls.original),
        globalGet(moved),
        i64Eqz,
        ifElse(
          [call(calls.commit)],
          [call(calls.rollback), i64Const(0n), globalSet(moved), ...unchanged, call(calls.original)],
        ),
        i64Const(0n),
        globalSet(ofRao),
      ]),
    ],
  )
}
