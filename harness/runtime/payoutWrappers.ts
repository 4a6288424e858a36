import {
  call,
  functionBody,
  globalGet,
  globalSet,
  i32Add,
  i32Const,
  i32Eqz,
  i32Load,
  i32Ne,
  i32Store,
  i32Sub,
  i64Add,
  i64Const,
  i64Eqz,
  i64Load,
  i64Mul,
  i64Ne,
  i64Store,
  i64Sub,
  ifElse,
  localGet,
  trapIf,
  type Code,
} from './assembler.js'
import { type PayoutPlace, resultBytes } from './hooks.js'
import type { FoundHook } from './symbols.js'
import type { PolicyCall } from './wrappers.js'

/** Functions that the payout's wrapper calls, in the runtime's indices. */
interface PayoutCalls {
  readonly original: number
  /** Of the patch module: how many rao the policy moves, and what the epoch divides. */
  readonly movedRao: number
  readonly epochRao: number
  readonly args: readonly number[]
}

/** Globals of an epoch that runs before its payout. */
export interface EpochFirstGlobals {
  /** The runtime's own. */
  readonly stackPointer: number
  /** i32: where the result is that the payout is still to be handed; 0 for none. */
  readonly result: number
  /** i64: rao that moved from validators to miners. */
  readonly moved: number
  /** i64: what the epoch divides. */
  readonly ofRao: number
}

/** On the stack: the result, then the netuid that it is of. */
const netuidOffset = resultBytes
const frameBytes = 16

/** Around the function that pays an epoch, where that is one call whose result is known: runs the epoch first, then the
 *  policies on its result, which tell and do what moves between the pools, and then the payout with amounts between which
 *  that has moved. Its call of the epoch is handed the result (`handedEpochBody`).
 *  @param original of the epoch
 *  @param policies at the epoch, in their order */
export function epochFirstBody(
  { place: { layout }, payout }: FoundHook & { readonly payout: NonNullable<FoundHook['payout']> },
  original: number,
  policies: readonly PolicyCall[],
  calls: PayoutCalls,
  { stackPointer, result, moved, ofRao }: EpochFirstGlobals,
): Uint8Array {
  const epoch = [globalGet(result), localGet(0), globalGet(ofRao)]
  const pools = [localGet(1), localGet(2), localGet(3), i32Const(payout.place.layout)]
  return functionBody(
    [],
    [
      globalGet(stackPointer),
      i32Const(frameBytes),
      i32Sub,
      globalSet(stackPointer),
      globalGet(stackPointer),
      globalSet(result),
      globalGet(result),
      localGet(0),
      i32Store(netuidOffset),
      ...pools,
      call(calls.epochRao),
      globalSet(ofRao),
      ...epoch,
      call(original),
      ...policies.flatMap(({ index, args, movesPools }) =>
        movesPools
          ? [
              ...[...epoch, i32Const(layout.number)],
              ...[...pools, localGet(0), ...calls.args.map(i32Const), call(calls.movedRao)],
              // The epoch divides all of it.
              ...[globalGet(ofRao), call(index), globalSet(moved)],
            ]
          : [...epoch, i32Const(layout.number), ...args.map(i32Const), call(index)],
      ),
      ...changedParameters(payout.place, moved),
      call(calls.original),
      // Not handed over: nobody was paid what the policies say.
      globalGet(result),
      trapIf,
      i64Const(0n),
      globalSet(moved),
      globalGet(stackPointer),
      i32Const(frameBytes),
      i32Add,
      globalSet(stackPointer),
    ],
  )
}

/** In the place of the epoch that ran before its payout: hands over its result, once, and stops the run if it is asked for
 *  another epoch than that. */
export function handedEpochBody(place: PayoutPlace, { result, moved, ofRao }: EpochFirstGlobals): Uint8Array {
  const [address, netuid, rao] = [0, 1, 2].map(localGet) as [Code, Code, Code]
  return functionBody(
    [],
    [
      ...[globalGet(result), i32Eqz, trapIf],
      ...[globalGet(result), i32Load(netuidOffset), netuid, i32Ne, trapIf],
      // Some payouts change what the epoch is told to divide.
      ...[
        rao,
        globalGet(moved),
        i64Const(BigInt(changeOfEpoch(place))),
        i64Mul,
        i64Sub,
        globalGet(ofRao),
        i64Ne,
        trapIf,
      ],
      ...[address, globalGet(result), i64Load(0), i64Store(0)],
      ...[address, globalGet(result), i32Load(8), i32Store(8)],
      ...[i32Const(0), globalSet(result)],
    ],
  )
}

/** Around the function that runs several epochs and pays them: it gets amounts between which rao has moved. If then the epochs
 *  could not move them (nobody is a miner, or a validator), all is undone and done again with the amounts as they were. Where
 *  the policy reads what the epochs store, the function runs first with the amounts as they are, which stays if none move. */
export function payoutTwiceBody(
  place: PayoutPlace,
  calls: PayoutCalls & {
    /** `movedRao` reads what the epoch stores. */
    readonly readsEpoch: boolean
    readonly startTransaction: number
    readonly commit: number
    readonly rollback: number
  },
  moved: number,
  ofRao: number,
): Uint8Array {
  const pools = [localGet(1), localGet(2), localGet(3), i32Const(place.layout)]
  const unchanged = place.type.params.map((_, index) => localGet(index))
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
        ...changedParameters(place, moved),
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

/** What the epoch is told to divide changes by this for each rao that moves. */
function changeOfEpoch({ perMovedRao }: PayoutPlace): number {
  return perMovedRao.reduce((sum, { factor }) => sum + factor, 0)
}

/** The payout's parameters, with what moved. */
function changedParameters(place: PayoutPlace, moved: number): Code[] {
  return place.type.params.flatMap((_, index) => {
    const perRao = place.perMovedRao.find(({ param }) => param === index)
    if (perRao === undefined) return [localGet(index)]
    return [localGet(index), globalGet(moved), i64Const(BigInt(perRao.factor)), i64Mul, i64Add]
  })
}
