import { metricValues } from '../checks/expectations.js'
import type { RunResult } from './runResult.js'

/** The metrics of a result by netuid and name, as expectations name them; `undefined` where the distribution is empty. */
export function resultMetrics(result: RunResult): Map<number, ReadonlyMap<string, number | undefined>> {
  const netuids = [...new Set(result.epochs.map(({ netuid }) => netuid))].sort((a, b) => a - b)
  const changes = result.rewards.accounts
    .filter(({ role }) => role !== 'burned')
    .map(({ netuid, changeRao }) => ({ netuid, changeRao: BigInt(changeRao) }))
  const differences = {
    roles: result.rewards.roles.map(({ netuid, role, baselineRao, candidateRao }) => {
      return { netuid, role, baselineRao: BigInt(baselineRao), candidateRao: BigInt(candidateRao) }
    }),
    winners: changes.filter(({ changeRao }) => changeRao > 0n),
    losers: changes.filter(({ changeRao }) => changeRao < 0n),
  }
  return new Map(netuids.map((netuid) => [netuid, metricValues(netuid, result.concentration, differences)]))
}
