import { payoutUnexplained } from '../errors/replay.js'
import type { ChainState } from './chainState.js'

/** Root dividends of earlier epochs that the same block's automatic claims turned into stake on the subnet:
 *  hotkey -> coldkey -> rao. They raise balances but are no payment of this epoch.
 *
 *  A coldkey that keeps claims of some subnets and sells those of others may have both in one block. Selling moves the same
 *  watermark that shows what was kept: then the two cannot be told apart (E511). */
export function keptClaims(
  pre: ChainState,
  post: ChainState,
  netuid: number,
  block: number,
): ReadonlyMap<string, ReadonlyMap<string, bigint>> {
  const kept = new Map<string, Map<string, bigint>>()
  for (const [[hotkey = '', coldkey = '']] of post.below('RootClaimed', netuid)) {
    const rao = post.int('RootClaimed', netuid, hotkey, coldkey) - pre.int('RootClaimed', netuid, hotkey, coldkey)
    if (rao === 0n || !keeps(pre.value('RootClaimType', coldkey), netuid)) continue
    const rootStakeMoved = post.int('TotalHotkeyAlpha', hotkey, 0) !== pre.int('TotalHotkeyAlpha', hotkey, 0)
    if (rootStakeMoved && pre.value('RootClaimType', coldkey) !== 'Keep') {
      throw payoutUnexplained({
        netuid,
        block,
        account: coldkey,
        reason: 'root claims were kept and sold in one block',
      })
    }
    const claims = kept.get(hotkey) ?? new Map<string, bigint>()
    kept.set(hotkey, claims.set(coldkey, rao))
  }
  return kept
}

/** 'Swap', 'Keep' or { KeepSubnets: { subnets } }. */
function keeps(claimType: unknown, netuid: number): boolean {
  if (claimType === 'Keep') return true
  if (typeof claimType !== 'object' || claimType === null) return false
  const { KeepSubnets: some } = claimType as { KeepSubnets?: { subnets?: readonly unknown[] } | readonly unknown[] }
  const subnets = Array.isArray(some) ? some : (some as { subnets?: readonly unknown[] } | undefined)?.subnets
  return subnets?.includes(netuid) ?? false
}
