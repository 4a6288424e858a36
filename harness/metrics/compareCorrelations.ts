import type { Ledger } from '../ledger/ledger.js'
import type { HolderUnit } from './holdings.js'
import { type Neuron, neurons } from './neurons.js'
import { pearson } from './pearson.js'
import { spearman } from './spearman.js'

/** One pair of quantities; `undefined` where a correlation has no value. */
interface Correlation {
  readonly pearson: number | undefined
  readonly spearman: number | undefined
}

export interface Correlations {
  readonly stakePerformance: Correlation
  readonly stakeReward: Correlation
  readonly performanceReward: Correlation
}

/** How stake, performance and reward go together on a subnet among its miners or validators, under both arms. The population is
 *  the same in both: everyone with a uid whose hotkeys are paid in that role in at least one arm. */
export interface CorrelationChange {
  readonly netuid: number
  readonly role: 'miner' | 'validator'
  readonly unit: HolderUnit
  readonly population: number
  readonly baseline: Correlations
  readonly candidate: Correlations
}

/** Over the run, by netuid, role and unit.
 *  - stake: stake before the epochs, whatever a policy lets count of it, summed over the run;
 *  - performance: the sum over the run of Consensus (miners; newer runtimes store no Trust) or ValidatorTrust (validators); of a
 *    wallet the mean over its hotkeys;
 *  - reward: what the hotkey was paid as a miner, or all that its dividends paid; of a wallet the sum over its hotkeys.
 *  @see arXiv 2507.02951: performance is trust for miners, validator_trust for validators */
export function compareCorrelations(baseline: Ledger, candidate: Ledger): CorrelationChange[] {
  const [ours, theirs] = [neurons(baseline), neurons(candidate)]
  return [...ours.keys()]
    .sort((a, b) => a - b)
    .flatMap((netuid) => {
      const arms = [ours.get(netuid), theirs.get(netuid)].map((arm) => arm ?? new Map<string, Neuron>())
      return (['miner', 'validator'] as const).flatMap((role) =>
        (['hotkey', 'coldkey'] as const).map((unit) => {
          const [before = new Map<string, Point>(), after = before] = arms.map((arm) => points(arm, role, unit))
          const population = [...new Set([...before.keys(), ...after.keys()])].filter(
            (name) => (before.get(name)?.reward ?? 0n) > 0n || (after.get(name)?.reward ?? 0n) > 0n,
          )
          const over = (arm: ReadonlyMap<string, Point>) =>
            correlations(population.map((name) => arm.get(name) ?? zero))
          return { netuid, role, unit, population: population.length, baseline: over(before), candidate: over(after) }
        }),
      )
    })
}

interface Point {
  readonly stake: bigint
  readonly performance: bigint
  readonly reward: bigint
}
const zero: Point = { stake: 0n, performance: 0n, reward: 0n }

/** Keeps the mean of a few integers fine. */
const meanUnit = 1n << 32n

function points(
  arm: ReadonlyMap<string, Neuron>,
  role: 'miner' | 'validator',
  unit: HolderUnit,
): ReadonlyMap<string, Point> {
  const groups = new Map<string, Point[]>()
  for (const neuron of arm.values()) {
    const point = {
      stake: neuron.stakeRao,
      performance: role === 'miner' ? neuron.consensus : neuron.validatorTrust,
      reward: role === 'miner' ? neuron.minerRao : neuron.validatorRao,
    }
    const group = groups.get(neuron[unit])
    if (group === undefined) groups.set(neuron[unit], [point])
    else group.push(point)
  }
  const sumOf = (group: readonly Point[], quantity: keyof Point) => group.reduce((sum, p) => sum + p[quantity], 0n)
  return new Map(
    [...groups].map(([name, group]) => [
      name,
      {
        stake: sumOf(group, 'stake'),
        performance: (sumOf(group, 'performance') * meanUnit) / BigInt(group.length),
        reward: sumOf(group, 'reward'),
      },
    ]),
  )
}

function correlations(population: readonly Point[]): Correlations {
  const of = (quantity: keyof Point) => population.map((point) => point[quantity])
  const both = (xs: readonly bigint[], ys: readonly bigint[]) => ({
    pearson: pearson(xs, ys),
    spearman: spearman(xs, ys),
  })
  const [stake, performance, reward] = [of('stake'), of('performance'), of('reward')]
  return {
    stakePerformance: both(stake, performance),
    stakeReward: both(stake, reward),
    performanceReward: both(performance, reward),
  }
}
