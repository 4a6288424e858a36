import type { ChainState } from './chainState.js'
import type { EpochEvents } from './epochEvents.js'
import type { SubnetUids } from './subnetUids.js'

/** What miners earned in an epoch and where it went. */
export interface Incentives {
  /** Incentive of each registered hotkey as the epoch computed it, rao. */
  readonly computedRao: ReadonlyMap<string, bigint>
  /** Hotkeys of the subnet's owner: theirs is withheld. */
  readonly withheld: ReadonlySet<string>
  /** Hotkeys whose incentive was staked elsewhere. */
  readonly movedAway: ReadonlySet<string>
  /** Where it was staked: hotkey -> coldkey -> rao, exact. */
  readonly movedTo: ReadonlyMap<string, ReadonlyMap<string, bigint>>
}

export function incentives(post: ChainState, netuid: number, uids: SubnetUids, events: EpochEvents): Incentives {
  const computedRao = new Map<string, bigint>()
  for (const emissions of events.incentives) {
    uids.hotkeys.forEach((hotkey, position) => {
      computedRao.set(hotkey, (computedRao.get(hotkey) ?? 0n) + (emissions[position] ?? 0n))
    })
  }

  const ownerHotkeys = post.list('OwnedHotkeys', post.account('SubnetOwner', netuid)).map(String)
  if (post.has('SubnetOwnerHotkey', netuid)) ownerHotkeys.push(post.account('SubnetOwnerHotkey', netuid))
  const withheld = new Set(ownerHotkeys.filter((hotkey) => uids.uidOf.has(hotkey)))

  const movedTo = new Map<string, Map<string, bigint>>()
  for (const { destination, coldkey, rao } of events.autoStakes) {
    const received = movedTo.get(destination) ?? new Map<string, bigint>()
    movedTo.set(destination, received.set(coldkey, (received.get(coldkey) ?? 0n) + rao))
  }
  return { computedRao, withheld, movedAway: new Set(events.autoStakes.map(({ miner }) => miner)), movedTo }
}
