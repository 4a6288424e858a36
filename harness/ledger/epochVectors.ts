import type { ChainState } from './chainState.js'
import type { EpochVectors } from './ledger.js'
import { stakeWeightRao } from './stakeWeight.js'
import type { SubnetUids } from './subnetUids.js'

/** The epoch's outputs as stored after it, with the stake weights before it. Incentive is that of mechanism 0.
 *  A uid that a vector does not reach reads as zero. */
export function epochVectors(
  pre: ChainState,
  post: ChainState,
  netuid: number,
  epoch: number,
  { hotkeys }: SubnetUids,
): EpochVectors {
  const numbers = (item: string) => {
    const stored = post.list(item, netuid)
    return hotkeys.map((_, position) => Number(stored[position] ?? 0))
  }
  const flags = (item: string) => {
    const stored = post.list(item, netuid)
    return hotkeys.map((_, position) => stored[position] === true)
  }
  return {
    epoch,
    netuid,
    hotkeys,
    coldkeys: hotkeys.map((hotkey) => post.account('Owner', hotkey)),
    stakeRao: hotkeys.map((hotkey) => stakeWeightRao(pre, netuid, hotkey)),
    stakeWeight: numbers('StakeWeight'),
    consensus: numbers('Consensus'),
    incentive: numbers('Incentive'),
    dividends: numbers('Dividends'),
    validatorTrust: numbers('ValidatorTrust'),
    validatorPermit: flags('ValidatorPermit'),
    active: flags('Active'),
  }
}
