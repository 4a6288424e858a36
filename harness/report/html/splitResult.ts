import type { RunResult } from '../runResult.js'

/** One result for each measured subnet, by netuid, with that subnet's members alone. */
export function splitResult(result: RunResult): Map<number, RunResult> {
  const netuids = [...new Set(result.epochs.map(({ netuid }) => netuid))].sort((a, b) => a - b)
  const epochs = grouped(result.epochs)
  const roles = grouped(result.rewards.roles)
  const accounts = grouped(
    result.rewards.accounts.map((account, i) => ({ netuid: account.netuid, account, ledger: result.ledger[i] })),
  )
  const concentration = grouped(result.concentration)
  const series = grouped(result.series)
  const correlations = grouped(result.correlations)
  const movers = grouped(result.movers)
  const transfers = grouped(result.transfers)
  const neurons = grouped(result.neurons)
  const subnets = grouped(result.subnets)
  return new Map(
    netuids.map((netuid) => {
      const own = accounts.get(netuid) ?? []
      return [
        netuid,
        {
          ...result,
          epochs: epochs.get(netuid) ?? [],
          rewards: {
            ...result.rewards,
            roles: roles.get(netuid) ?? [],
            accounts: own.map(({ account }) => account),
          },
          ledger: own.flatMap(({ ledger }) => (ledger === undefined ? [] : [ledger])),
          concentration: concentration.get(netuid) ?? [],
          series: series.get(netuid) ?? [],
          correlations: correlations.get(netuid) ?? [],
          movers: movers.get(netuid) ?? [],
          transfers: transfers.get(netuid) ?? [],
          neurons: neurons.get(netuid) ?? [],
          subnets: subnets.get(netuid) ?? [],
        },
      ]
    }),
  )
}

function grouped<Record extends { readonly netuid: number }>(records: readonly Record[]): Map<number, Record[]> {
  const groups = new Map<number, Record[]>()
  for (const record of records) {
    const group = groups.get(record.netuid)
    if (group === undefined) groups.set(record.netuid, [record])
    else group.push(record)
  }
  return groups
}
