import type { Ledger } from '../ledger/ledger.js'
import { concentration, type Concentration } from './concentration.js'
import { type HolderUnit, type Holdings, rewardHoldings, stakeWeightHoldings } from './holdings.js'
import { bySubnet } from './splitLedger.js'

type DistributionName = 'stakeWeights' | 'rewards'

/** The concentration of one distribution of one subnet under both arms, over the same population: every holder with a
 *  non-zero amount in at least one arm. */
export interface ConcentrationChange {
  readonly netuid: number
  readonly distribution: DistributionName
  readonly unit: HolderUnit
  readonly baseline: Concentration
  readonly candidate: Concentration
}

const distributions = { stakeWeights: stakeWeightHoldings, rewards: rewardHoldings }
const units: readonly HolderUnit[] = ['hotkey', 'coldkey']

/** By netuid, distribution and unit. Alpha of different subnets is not the same money: nothing is added across subnets. */
export function compareConcentration(baseline: Ledger, candidate: Ledger): ConcentrationChange[] {
  const theirs = bySubnet(candidate)
  return [...bySubnet(baseline)].flatMap(([netuid, ours]) =>
    (['stakeWeights', 'rewards'] as const).flatMap((distribution) =>
      units.map((unit) => {
        const holdings = (arm: Ledger | undefined): Holdings =>
          arm === undefined ? new Map() : distributions[distribution](arm, netuid, unit)
        return { netuid, distribution, unit, ...overSamePopulation(holdings(ours), holdings(theirs.get(netuid))) }
      }),
    ),
  )
}

function overSamePopulation(baseline: Holdings, candidate: Holdings) {
  const population = [...new Set([...baseline.keys(), ...candidate.keys()])].filter(
    (holder) => (baseline.get(holder) ?? 0n) > 0n || (candidate.get(holder) ?? 0n) > 0n,
  )
  const over = (holdings: Holdings) => concentration(population.map((holder) => holdings.get(holder) ?? 0n))
  return { baseline: over(baseline), candidate: over(candidate) }
}
