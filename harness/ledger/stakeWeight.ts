import type { ChainState } from './chainState.js'
import { fixed, floor, multiply, ofU64, subtract } from './fixedPoint.js'

type Relations = readonly (readonly [proportion: bigint, account: string])[]

/** Stake weight of a hotkey on a subnet before the stake threshold, rao: alpha + TaoWeight * root stake, each with what was
 *  given to children taken off and what parents gave added. Before dynamic TAO: all of its stake. */
export function stakeWeightRao(state: ChainState, netuid: number, hotkey: string): bigint {
  if (!state.knows('TotalHotkeyAlpha')) return state.int('TotalHotkeyStake', hotkey)
  const children = state.list('ChildKeys', hotkey, netuid) as Relations
  const parents = state.list('ParentKeys', hotkey, netuid) as Relations
  const inherited = (base: number): bigint => {
    const own = fixed(state.int('TotalHotkeyAlpha', hotkey, base))
    const given = children.reduce((sum, [proportion]) => sum + multiply(own, ofU64(proportion)), 0n)
    const received = parents.reduce(
      (sum, [proportion, parent]) =>
        sum + multiply(fixed(state.int('TotalHotkeyAlpha', parent, base)), ofU64(proportion)),
      0n,
    )
    return floor(subtract(own, given) + received)
  }
  return inherited(netuid) + floor(multiply(fixed(inherited(0)), ofU64(state.int('TaoWeight'))))
}
