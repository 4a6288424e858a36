import { payoutUnexplained } from '../errors/replay.js'
import type { ChainState } from './chainState.js'
import { divide, fixed } from './fixedPoint.js'
import { type Incentives, ownerHotkeys } from './incentives.js'
import type { SubnetUids } from './subnetUids.js'

/** Incentive of the subnet owner's hotkeys that nobody gets: hotkey -> rao.
 *
 *  Its sum is what the chain burned or recycled. When the epoch's own incentives sum to it they are taken; else (a policy
 *  paid other incentives) the sum is divided in their proportion, or is the first hotkey's if the epoch gave them none. The chain also stores which fraction of all incentive
 *  was withheld, and the sum must agree with that.
 *  @param paidIncentiveRao incentives that were paid
 *  @param rootRecycledRao root alpha that the same block recycled
 *  @param playRao by how much paidIncentiveRao may be off
 *  @throws E511 when the stored fraction differs */
export function withheldIncentives(input: {
  readonly pre: ChainState
  readonly post: ChainState
  readonly netuid: number
  readonly block: number
  readonly incentives: Incentives
  readonly paidIncentiveRao: bigint
  readonly rootRecycledRao: bigint
  readonly playRao: bigint
}): ReadonlyMap<string, bigint> {
  const { pre, post, netuid, block, incentives, paidIncentiveRao, playRao } = input
  const computed = [...incentives.withheld]
    .map((hotkey) => [hotkey, incentives.computedRao.get(hotkey) ?? 0n] as const)
    .filter(([, rao]) => rao > 0n)
  const computedSum = computed.reduce((total, [, rao]) => total + rao, 0n)
  const grown = (item: string) => post.int(item, netuid) - pre.int(item, netuid)

  let withheld: bigint
  if (post.value('RecycleOrBurn', netuid) !== 'Recycle') withheld = grown('AlphaAssets.AlphaBurned')
  // Child key burns are recycled, too, and are recorded nowhere else.
  else if (post.int('CKBurn') > 0n) withheld = computedSum
  else withheld = grown('AlphaAssets.AlphaRecycled') - input.rootRecycledRao

  const fraction = (paid: bigint) => divide(fixed(withheld), fixed(withheld + (paid > 0n ? paid : 0n)))
  const stored = post.int('MinerBurned', netuid)
  if (stored < fraction(paidIncentiveRao + playRao) || stored > fraction(paidIncentiveRao - playRao)) {
    const reason = `${withheld} rao withheld of ${withheld + paidIncentiveRao} do not agree with MinerBurned = ${stored} / 2^32`
    throw payoutUnexplained({ netuid, block, account: 'the subnet owner', reason })
  }
  if (computedSum > 0n) return proportional(computed, computedSum, withheld)
  const [first] = incentives.withheld
  if (first !== undefined) return new Map([[first, withheld]])
  if (withheld === 0n) return new Map()
  const reason = `${withheld} rao of incentive were withheld, but no hotkey of the owner is registered`
  throw payoutUnexplained({ netuid, block, account: 'the subnet owner', reason })
}

/** The same on a chain that does not record it (before MinerBurned).
 *
 *  Where the epoch's event states incentives, those of the owner's hotkeys that were not paid are withheld. Without the event it is
 *  what the owner's hotkey leaves of the miners' half of the emission: exact up to the rounding of each uid's incentive, which the
 *  totals' slack states.
 *  @param halfRao the miners' half, with what a policy moved to it
 *  @param paidTo incentive that each hotkey was paid */
export function unrecordedIncentives(input: {
  readonly post: ChainState
  readonly netuid: number
  readonly uids: SubnetUids
  readonly incentives: Incentives
  readonly halfRao: bigint
  readonly paidTo: ReadonlyMap<string, bigint>
}): ReadonlyMap<string, bigint> {
  const { post, netuid, uids, incentives, halfRao, paidTo } = input
  const unpaid = [...ownerHotkeys(post, netuid, uids)].filter((hotkey) => !paidTo.has(hotkey))
  if (incentives.computedRao.size > 0) {
    const computed = unpaid.map((hotkey) => [hotkey, incentives.computedRao.get(hotkey) ?? 0n] as const)
    return new Map(computed.filter(([, rao]) => rao > 0n))
  }
  const shares = post.list('Incentive', netuid)
  const earned = unpaid.map((hotkey) => [hotkey, BigInt(Number(shares[uids.hotkeys.indexOf(hotkey)] ?? 0))] as const)
  const parts = earned.filter(([, share]) => share > 0n)
  const sum = parts.reduce((total, [, share]) => total + share, 0n)
  const left = [...paidTo.values()].reduce((rest, rao) => rest - rao, halfRao)
  return sum === 0n || left <= 0n ? new Map() : proportional(parts, sum, left)
}

/** Divides `total` in the proportion of the parts, rounded down; the last part gets the rest. */
function proportional(
  parts: readonly (readonly [hotkey: string, rao: bigint])[],
  sum: bigint,
  total: bigint,
): ReadonlyMap<string, bigint> {
  let left = total
  return new Map(
    parts.map(([hotkey, rao], index) => {
      const part = index === parts.length - 1 ? left : (total * rao) / sum
      left -= part
      return [hotkey, part]
    }),
  )
}
