import type { Ledger, RewardEntry } from '../ledger/ledger.js'

/** What a holder is: a hotkey, or a wallet (coldkey) with all its hotkeys. */
export type HolderUnit = 'hotkey' | 'coldkey'

/** Amount by holder. */
export type Holdings = ReadonlyMap<string, bigint>

/** Rewards of a whole run on one subnet by holder, rao: what miners, validators, their nominators and root stakers were paid.
 *  Left out: the owner's cut, which is taken before the epoch divides anything, and what is burned. */
export function rewardHoldings(ledger: Ledger, netuid: number, unit: HolderUnit): Holdings {
  const divided = (entry: RewardEntry) => entry.netuid === netuid && entry.role !== 'owner' && entry.role !== 'burned'
  return sumBy(ledger.entries.filter(divided).map((entry) => [entry[unit], entry.alphaRao]))
}

/** One part in 65535 of an epoch's stake weight; finer than the chain's own 16 bits so that dust stays visible. */
const stakeWeightUnit = 1n << 32n

/** Stake weights by holder, as the epochs counted them (the stored StakeWeight, after a cap), summed over the run, so that the
 *  shares are those of the average epoch. A uid with stake below 1/65535 of the total, which the chain stores as 0, counts as
 *  a holder with a vanishing amount (2^-32 of that step). */
export function stakeWeightHoldings(ledger: Ledger, netuid: number, unit: HolderUnit): Holdings {
  return sumBy(
    ledger.vectors
      .filter((epoch) => epoch.netuid === netuid)
      .flatMap((epoch) => {
        const names = unit === 'hotkey' ? epoch.hotkeys : epoch.coldkeys
        return names.flatMap((name, uid): [string, bigint][] => {
          const weight = BigInt(epoch.stakeWeight[uid] ?? 0) * stakeWeightUnit
          return (epoch.stakeRao[uid] ?? 0n) === 0n && weight === 0n ? [] : [[name, weight === 0n ? 1n : weight]]
        })
      }),
  )
}

function sumBy(amounts: readonly (readonly [name: string, amount: bigint])[]): Holdings {
  const sums = new Map<string, bigint>()
  for (const [name, amount] of amounts) sums.set(name, (sums.get(name) ?? 0n) + amount)
  return sums
}
