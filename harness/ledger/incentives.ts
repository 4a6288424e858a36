import type { ChainState } from './chainState.js'
import type { EpochEvents } from './epochEvents.js'
import type { SubnetUids } from './subnetUids.js'

/** What miners earned in an epoch and where it went. */
export interface Incentives {
  /** Incentive of each registered hotkey as the epoch computed it, rao. */
  readonly computedRao: ReadonlyMap<string, bigint>
  /** Hotkeys of the subnet's owner, where the chain records what it withholds from them. */
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

  // Which of them were withheld shows in what they were paid, where the chain does not record it.
  const withheld = post.knows('MinerBurned') ? ownerHotkeys(post, netuid, uids) : new Set<string>()

  const movedTo = new Map<string, Map<string, bigint>>()
  for (const { destination, coldkey, rao } of events.autoStakes) {
    const received = movedTo.get(destination) ?? new Map<string, bigint>()
    movedTo.set(destination, received.set(coldkey, (received.get(coldkey) ?? 0n) + rao))
  }
  return { computedRao, withheld, movedAway: new Set(events.autoStakes.map(({ miner }) => miner)), movedTo }
}

/** Hotkeys of the subnet's owner that hold a uid: their incentive is withheld. */
export function ownerHotkeys(post: ChainState, netuid: number, uids: SubnetUids): ReadonlySet<string> {
  const owned = post.list('OwnedHotkeys', post.account('SubnetOwner', netuid)).map(String)
  if (post.has('SubnetOwnerHotkey', netuid)) owned.push(post.account('SubnetOwnerHotkey', netuid))
  return new Set(owned.filter((hotkey) => uids.uidOf.has(hotkey)))
}
