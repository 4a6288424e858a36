import type { Role } from '../ledger/ledger.js'
import { type RewardDiff, roles } from './diffLedgers.js'

/** How many holders gain and lose, and how much. */
export interface Movers {
  readonly netuid: number
  /** What is counted: hotkeys with all that is paid through them, or the wallets (coldkeys) that are paid. */
  readonly unit: 'hotkey' | 'coldkey'
  /** One role, or `all` but what is burned: a gain in one role then makes up for a loss in another. */
  readonly role: Role | 'all'
  readonly winners: number
  readonly losers: number
  readonly unchanged: number
  /** Sums over the winners, and over the losers; both >= 0. */
  readonly gainedRao: bigint
  readonly lostRao: bigint
}

/** Winners and losers over the whole run: by netuid, unit and role, `all` first; roles that nobody has are left out. */
export function movers(diff: RewardDiff): Movers[] {
  const netuids = [...new Set(diff.roles.map(({ netuid }) => netuid))]
  return netuids.flatMap((netuid) => {
    const own = diff.accounts.filter((account) => account.netuid === netuid)
    return (['hotkey', 'coldkey'] as const).flatMap((unit) =>
      (['all', ...roles] as const).flatMap((role) => {
        const changes = new Map<string, bigint>()
        for (const account of own) {
          if (role === 'all' ? account.role === 'burned' : account.role !== role) continue
          changes.set(account[unit], (changes.get(account[unit]) ?? 0n) + account.changeRao)
        }
        return changes.size === 0 && role !== 'all' ? [] : [{ netuid, unit, role, ...counted([...changes.values()]) }]
      }),
    )
  })
}

function counted(changes: readonly bigint[]) {
  const gains = changes.filter((change) => change > 0n)
  const losses = changes.filter((change) => change < 0n)
  return {
    winners: gains.length,
    losers: losses.length,
    unchanged: changes.length - gains.length - losses.length,
    gainedRao: gains.reduce((sum, change) => sum + change, 0n),
    lostRao: -losses.reduce((sum, change) => sum + change, 0n),
  }
}
