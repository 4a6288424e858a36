import { payoutUnexplained } from '../errors/replay.js'
import type { ChainState } from './chainState.js'
import { ofU16 } from './fixedPoint.js'
import type { Payout } from './payouts.js'
import { sharePools, valueOf } from './sharePool.js'
import { type Bounds, sumOfBounds, takeBounds, withinBounds } from './take.js'

/** Root dividends where root's alpha is sold as it accumulates (up to spec 342): root is paid TAO, staked on root. */
export interface SoldRoot {
  /** In alpha: what was sold for them, divided in proportion to the TAO that each account got. */
  readonly payouts: readonly Payout[]
  /** Hotkeys that were paid, zero amounts included. */
  readonly hotkeys: number
}

/** Who was paid root dividends in an epoch of a subnet, read from the root stakes before and after its block.
 *
 *  TaoDividendsPerSubnet records each hotkey's dividends after take, and the take is bounded by them to one rao. Of every hotkey, root
 *  stake must have grown by the dividends of all the subnets whose epochs ran in the block.
 *  @param soldRao alpha that was put aside for root since the last epoch; its TAO is what is paid
 *  @param paidFor subnets with an epoch in the block
 *  @throws E511 when root stake grew otherwise, or by more or less than the sales brought */
export function soldRoot(input: {
  readonly pre: ChainState
  readonly post: ChainState
  readonly netuid: number
  readonly block: number
  readonly soldRao: bigint
  readonly paidFor: readonly number[]
}): SoldRoot {
  const { pre, post, netuid, block, soldRao, paidFor } = input
  requireRootGrowth(pre, post, block, paidFor)
  const pools = sharePools(pre, 0)
  const parts: { hotkey: string; coldkey: string; role: Payout['role']; taoRao: bigint }[] = []
  let [hotkeys, lowRao, highRao] = [0, 0n, 0n as bigint | undefined]
  for (const [[hotkey = '']] of post.below('TaoDividendsPerSubnet', netuid)) {
    hotkeys += 1
    const restRao = post.int('TaoDividendsPerSubnet', netuid, hotkey)
    const take = takeBounds(restRao, ofU16(post.int('Delegates', hotkey)))
    lowRao += restRao + take.lowRao
    highRao = highRao === undefined || take.highRao === undefined ? undefined : highRao + restRao + take.highRao
    const owner = post.account('Owner', hotkey)
    const pool = pools.get(hotkey)
    let left = restRao
    for (const coldkey of pool?.shares.keys() ?? []) {
      if (coldkey === owner || pool === undefined || pool.totalRao === 0n) continue
      const part = (restRao * valueOf(pool, coldkey)) / pool.totalRao
      const taoRao = part < left ? part : left
      parts.push({ hotkey, coldkey, role: 'root', taoRao })
      left -= taoRao
    }
    parts.push({ hotkey, coldkey: owner, role: 'root', taoRao: left })
    parts.push({ hotkey, coldkey: owner, role: 'validator', taoRao: take.lowRao })
  }
  requireProceeds(input, { lowRao, highRao }, hotkeys)
  const paid = parts.filter(({ taoRao }) => taoRao > 0n)
  const taoRao = paid.reduce((sum, part) => sum + part.taoRao, 0n)
  let left = soldRao
  const payouts = paid.map(({ taoRao: part, ...account }, index): Payout => {
    const alphaRao = index === paid.length - 1 ? left : (soldRao * part) / taoRao
    left -= alphaRao
    return { ...account, alphaRao }
  })
  return { payouts, hotkeys }
}

/** The TAO paid is what waited for the epoch and what the block's own sale brought, up to rounding. */
function requireProceeds(
  { pre, post, netuid, block }: { pre: ChainState; post: ChainState; netuid: number; block: number },
  { lowRao, highRao }: Bounds,
  hotkeys: number,
): void {
  if (hotkeys === 0) return
  const reserve = (state: ChainState) => state.int('SubnetTAO', netuid)
  const injected = post.int('SubnetTaoInEmission', netuid)
  const out = reserve(pre) + injected - reserve(post)
  const proceeds = pre.int('PendingRootDivs', netuid) + (out > 0n ? out : 0n)
  // Dividends and takes are rounded down, each to the rao and in 2^-32.
  const slack = BigInt(2 * hotkeys) * ((proceeds >> 32n) + 2n)
  if (lowRao <= proceeds && (highRao === undefined || highRao + slack >= proceeds)) return
  const reason = `${lowRao} rao of TAO were paid where the sales of root's alpha had brought ${proceeds}`
  throw payoutUnexplained({ netuid, block, account: 'root', reason })
}

function requireRootGrowth(pre: ChainState, post: ChainState, block: number, paidFor: readonly number[]): void {
  const expected = new Map<string, Bounds>()
  for (const netuid of paidFor) {
    for (const [[hotkey = '']] of post.below('TaoDividendsPerSubnet', netuid)) {
      const restRao = post.int('TaoDividendsPerSubnet', netuid, hotkey)
      const take = takeBounds(restRao, ofU16(post.int('Delegates', hotkey)))
      const rest = { lowRao: restRao, highRao: restRao }
      const paid = sumOfBounds(rest, take)
      const earlier = expected.get(hotkey)
      expected.set(hotkey, earlier === undefined ? paid : sumOfBounds(earlier, paid))
    }
  }
  for (const [[account = '']] of post.endingIn('TotalHotkeyAlpha', 0)) {
    const growth = post.int('TotalHotkeyAlpha', account, 0) - pre.int('TotalHotkeyAlpha', account, 0)
    const bounds = expected.get(account) ?? { lowRao: 0n, highRao: 0n }
    if (withinBounds(growth, bounds)) continue
    const reason = `its root stake grew by ${growth} rao where ${bounds.lowRao} to ${bounds.highRao ?? 'any'} were its dividends`
    throw payoutUnexplained({ netuid: 0, block, account, reason })
  }
}
