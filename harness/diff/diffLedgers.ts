import { isDeepStrictEqual } from 'node:util'
import { ledgersNotComparable } from '../errors/checks.js'
import type { Ledger, RewardEntry, Role } from '../ledger/ledger.js'
import { byEpoch, epochKey, inOrder } from './epochPlace.js'

/** The order in which roles are listed everywhere. */
export const roles: readonly Role[] = ['miner', 'validator', 'nominator', 'owner', 'root', 'burned']

/** An amount under both arms; alpha of one subnet, in rao. */
export interface AmountChange {
  readonly baselineRao: bigint
  readonly candidateRao: bigint
  /** candidate - baseline. */
  readonly changeRao: bigint
}

/** What an account was paid in one role on one subnet. */
interface AccountChange extends AmountChange {
  readonly netuid: number
  /** The last uid the hotkey was paid under; `undefined` if it never held one. */
  readonly uid: number | undefined
  readonly hotkey: string
  readonly coldkey: string
  readonly role: Role
}

interface EpochChange {
  readonly epoch: number
  readonly netuid: number
  /** As in `RewardDiff.accounts`, of this epoch alone. */
  readonly accounts: readonly AccountChange[]
}

interface RoleChange extends AmountChange {
  readonly netuid: number
  readonly role: Role
}

export interface RewardDiff {
  /** True exactly if no account is paid a rao more or less in any role of any epoch, and all totals agree. */
  readonly isEmpty: boolean
  /** True exactly if all outputs of all epochs (stake weight, consensus, permits, ...) agree. */
  readonly sameVectors: boolean
  /** Whole run, one element an account and role; by netuid, role, uid (those without one last), hotkey, coldkey. */
  readonly accounts: readonly AccountChange[]
  /** By epoch, then netuid. */
  readonly epochs: readonly EpochChange[]
  /** Whole run, every role of every subnet, roles that nobody had included with zeros. */
  readonly roles: readonly RoleChange[]
  /** Accounts with a gain over the whole run, largest first; what is burned is nobody's. */
  readonly winners: readonly AccountChange[]
  /** Accounts with a loss over the whole run, largest loss first; what is burned is nobody's. */
  readonly losers: readonly AccountChange[]
}

/** candidate - baseline, account by account.
 *  @throws E601 when the ledgers do not cover the same epochs, subnets and blocks */
export function diffLedgers(baseline: Ledger, candidate: Ledger): RewardDiff {
  requireSameCoverage(baseline, candidate)
  const accounts = accountChanges(baseline.entries, candidate.entries)
  const [ours, theirs] = [byEpoch(baseline.entries), byEpoch(candidate.entries)]
  const epochs = inOrder(baseline.totals).map(({ epoch, netuid }) => {
    const key = epochKey({ epoch, netuid })
    return { epoch, netuid, accounts: accountChanges(ours.get(key) ?? [], theirs.get(key) ?? []) }
  })
  const holders = accounts.filter(({ role }) => role !== 'burned')
  return {
    isEmpty:
      epochs.every((epoch) => epoch.accounts.every(({ changeRao }) => changeRao === 0n)) &&
      isDeepStrictEqual(inOrder(baseline.totals), inOrder(candidate.totals)),
    sameVectors: isDeepStrictEqual(inOrder(baseline.vectors), inOrder(candidate.vectors)),
    accounts,
    epochs,
    roles: roleChanges(accounts, baseline),
    winners: holders.filter(({ changeRao }) => changeRao > 0n).sort((a, b) => compare(b.changeRao, a.changeRao)),
    losers: holders.filter(({ changeRao }) => changeRao < 0n).sort((a, b) => compare(a.changeRao, b.changeRao)),
  }
}

function requireSameCoverage(baseline: Ledger, candidate: Ledger): void {
  const cover = (ledger: Ledger) =>
    ledger.totals.map(({ epoch, netuid, block }) => `epoch ${epoch} of subnet ${netuid} at block ${block}`)
  const [ours, theirs] = [cover(baseline), cover(candidate)]
  for (const [arm, ledger] of [['baseline', baseline] as const, ['candidate', candidate] as const]) {
    const covered = new Set(ledger.totals.map(epochKey))
    const stray = ledger.entries.find((entry) => !covered.has(epochKey(entry)))
    if (stray !== undefined) {
      const difference = `the ${arm} pays in epoch ${stray.epoch} of subnet ${stray.netuid}, which has no totals`
      throw ledgersNotComparable({ difference })
    }
  }
  const twice = [ours, theirs].flatMap((list) => list.filter((place, i) => list.indexOf(place) !== i))
  if (twice.length > 0) throw ledgersNotComparable({ difference: `${twice[0]} is there twice` })
  const differences = [
    ...ours.filter((place) => !theirs.includes(place)).map((place) => `${place} is missing in the candidate`),
    ...theirs.filter((place) => !ours.includes(place)).map((place) => `${place} is missing in the baseline`),
  ]
  if (differences[0] === undefined) return
  const more = differences.length > 1 ? ` (and ${differences.length - 1} more)` : ''
  throw ledgersNotComparable({ difference: differences[0] + more })
}

function accountChanges(baseline: readonly RewardEntry[], candidate: readonly RewardEntry[]): AccountChange[] {
  const changes = new Map<string, AccountChange>()
  const latestWithUid = new Map<string, RewardEntry>()
  const add = (entry: RewardEntry, baselineRao: bigint, candidateRao: bigint) => {
    const { netuid, hotkey, coldkey, role } = entry
    const key = `${netuid} ${role} ${hotkey} ${coldkey}`
    const latest = latestWithUid.get(key)
    if (entry.uid !== undefined && (latest === undefined || entry.epoch >= latest.epoch)) latestWithUid.set(key, entry)
    const known = changes.get(key) ?? { baselineRao: 0n, candidateRao: 0n, changeRao: 0n }
    changes.set(key, {
      netuid,
      uid: latestWithUid.get(key)?.uid,
      hotkey,
      coldkey,
      role,
      baselineRao: known.baselineRao + baselineRao,
      candidateRao: known.candidateRao + candidateRao,
      changeRao: known.changeRao + candidateRao - baselineRao,
    })
  }
  for (const entry of baseline) add(entry, entry.alphaRao, 0n)
  for (const entry of candidate) add(entry, 0n, entry.alphaRao)
  return [...changes.values()].sort(
    (a, b) =>
      a.netuid - b.netuid ||
      roles.indexOf(a.role) - roles.indexOf(b.role) ||
      (a.uid ?? Infinity) - (b.uid ?? Infinity) ||
      compare(a.hotkey, b.hotkey) ||
      compare(a.coldkey, b.coldkey),
  )
}

function roleChanges(accounts: readonly AccountChange[], ledger: Ledger): RoleChange[] {
  const netuids = [...new Set(ledger.totals.map(({ netuid }) => netuid))].sort((a, b) => a - b)
  return netuids.flatMap((netuid) =>
    roles.map((role) => {
      const own = accounts.filter((account) => account.netuid === netuid && account.role === role)
      return {
        netuid,
        role,
        baselineRao: own.reduce((sum, { baselineRao }) => sum + baselineRao, 0n),
        candidateRao: own.reduce((sum, { candidateRao }) => sum + candidateRao, 0n),
        changeRao: own.reduce((sum, { changeRao }) => sum + changeRao, 0n),
      }
    }),
  )
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
