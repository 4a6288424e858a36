import type { Role } from '../ledger/ledger.js'
import { type RewardDiff, roles } from './diffLedgers.js'

/** Where alpha that changes hands comes from and goes to. `unpaid`: drained from the pendings and paid to no account, such as
 *  rounding, or a pool that nobody can be paid from. */
export interface RoleTransfer {
  readonly netuid: number
  readonly from: Role | 'unpaid'
  readonly to: Role | 'unpaid'
  /** Above zero. */
  readonly alphaRao: bigint
}

/** The transfers between roles over the whole run, by netuid. What the losing accounts of a role lose goes first to the gaining
 *  accounts of the same role; only what is left crosses, from each role that is paid less to those that are paid more, in
 *  proportion to what they gain. So a role's row sums to what its accounts lose, its column to what they gain, and no more
 *  crosses between roles than must. A difference of the arms' sums comes from, or goes to, `unpaid`. The ledgers do not say
 *  whose alpha became whose: the proportion is a convention. */
export function roleTransfers(diff: RewardDiff): RoleTransfer[] {
  const netuids = [...new Set(diff.roles.map(({ netuid }) => netuid))]
  return netuids
    .flatMap((netuid) => {
      const own = diff.accounts.filter((account) => account.netuid === netuid)
      const places = roles.map((role) => {
        const changes = own.filter((account) => account.role === role).map(({ changeRao }) => changeRao)
        const gainedRao = sum(changes.filter((change) => change > 0n))
        const lostRao = -sum(changes.filter((change) => change < 0n))
        const keptRao = gainedRao < lostRao ? gainedRao : lostRao
        return { place: role as Role | 'unpaid', keptRao, netRao: gainedRao - lostRao }
      })
      const all = [
        ...places,
        { place: 'unpaid' as const, keptRao: 0n, netRao: -sum(places.map(({ netRao }) => netRao)) },
      ]
      return all.flatMap(({ place, keptRao }) => [
        { netuid, from: place, to: place, alphaRao: keptRao },
        ...(crossings(all).get(place) ?? []).map(({ to, alphaRao }) => ({ netuid, from: place, to, alphaRao })),
      ])
    })
    .filter(({ alphaRao }) => alphaRao > 0n)
}

interface Net<Place> {
  readonly place: Place
  /** Gained - lost; the nets of all places sum to zero. */
  readonly netRao: bigint
}

/** What each losing place gives to each gaining one. */
function crossings<Place>(nets: readonly Net<Place>[]): Map<Place, { to: Place; alphaRao: bigint }[]> {
  const gaining = nets
    .filter(({ netRao }) => netRao > 0n)
    .map(({ place, netRao }) => ({ to: place, wantedRao: netRao }))
  const given = new Map<Place, { to: Place; alphaRao: bigint }[]>()
  for (const { place, netRao } of nets.filter((net) => net.netRao < 0n)) {
    const shares = inProportion(
      -netRao,
      gaining.map(({ wantedRao }) => wantedRao),
    )
    given.set(
      place,
      gaining.map(({ to }, i) => ({ to, alphaRao: shares[i] ?? 0n })),
    )
    gaining.forEach((place, i) => (place.wantedRao -= shares[i] ?? 0n))
  }
  return given
}

/** Divides an amount that is at most their sum in proportion to the weights, by largest remainder, the first among equals; no
 *  share exceeds its weight. */
function inProportion(amount: bigint, weights: readonly bigint[]): bigint[] {
  const whole = sum(weights)
  const shares = weights.map((weight, index) => ({
    index,
    share: (amount * weight) / whole,
    remainder: (amount * weight) % whole,
  }))
  const left = Number(amount - sum(shares.map(({ share }) => share)))
  const raised = new Set(
    shares
      .toSorted((a, b) => (a.remainder > b.remainder ? -1 : a.remainder < b.remainder ? 1 : a.index - b.index))
      .slice(0, left)
      .map(({ index }) => index),
  )
  return shares.map(({ index, share }) => share + (raised.has(index) ? 1n : 0n))
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}
