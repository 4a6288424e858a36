import type { RunResult } from '../harness/report/runResult.js'

const roles = ['miner', 'validator', 'nominator', 'owner', 'root', 'burned'] as const

/** A result in the size of mainnet: by default 129 subnets and 30,000 accounts over three epochs, amounts made from their place. */
export function largeResult(example: RunResult, { subnets = 129, accounts = 30_000, epochs = 3 } = {}): RunResult {
  const netuids = Array.from({ length: subnets }, (_, i) => i)
  const paid = Array.from({ length: accounts }, (_, i) => {
    const byEpoch = (arm: bigint) =>
      Array.from(
        { length: epochs },
        (_, epoch) => 1_000_000_000n + ((BigInt(i) * 7_919n + arm * BigInt(epoch + 1)) % 999_983n),
      )
    return { i, netuid: Math.floor((i * subnets) / accounts), baseline: byEpoch(0n), candidate: byEpoch(104_729n) }
  })
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, rao) => total + rao, 0n)
  const change = (baselineRao: bigint, candidateRao: bigint) => ({
    baselineRao: String(baselineRao),
    candidateRao: String(candidateRao),
    changeRao: String(candidateRao - baselineRao),
  })
  const [epoch] = example.epochs
  const [concentration] = example.concentration
  if (epoch === undefined || concentration === undefined) throw new Error('an example with an epoch')
  return {
    ...example,
    epochs: Array.from({ length: epochs }, (_, e) => netuids.map((netuid) => ({ ...epoch, epoch: e, netuid }))).flat(),
    rewards: {
      ...example.rewards,
      roles: netuids.flatMap((netuid) =>
        roles.map((role, r) => {
          const own = paid.filter((account) => account.netuid === netuid && account.i % roles.length === r)
          return {
            netuid,
            role,
            ...change(sum(own.map(({ baseline }) => sum(baseline))), sum(own.map(({ candidate }) => sum(candidate)))),
          }
        }),
      ),
      accounts: paid.map(({ i, netuid, baseline, candidate }) => ({
        netuid,
        uid: i % 256,
        hotkey: `5Hot${String(i).padStart(44, 'x')}`,
        coldkey: `5Cold${String(i % 9_000).padStart(43, 'x')}`,
        role: roles[i % roles.length] ?? 'miner',
        ...change(sum(baseline), sum(candidate)),
      })),
    },
    ledger: paid.map(({ baseline, candidate }) => ({
      baselineRao: baseline.join(' '),
      candidateRao: candidate.join(' '),
    })),
    concentration: netuids.flatMap((netuid) => example.concentration.slice(0, 4).map((each) => ({ ...each, netuid }))),
  }
}
