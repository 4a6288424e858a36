import type { EpochTotals, RewardEntry } from './ledger.js'

/** The totals of an epoch before dynamic TAO. Miners and validators divide what it pays, the subnet's owner has its cut besides; what
 *  is left over are roundings, or all of it where nobody earned anything.
 *  @param paid `epochRao` is what miners and validators divide, `uids` how many they are, `entries` who got what */
export function taoTotals(
  { epoch, netuid, block }: Pick<EpochTotals, 'epoch' | 'netuid' | 'block'>,
  paid: {
    readonly epochRao: bigint
    readonly ownerCutRao: bigint
    readonly uids: number
    readonly entries: readonly RewardEntry[]
  },
): EpochTotals {
  const { epochRao, ownerCutRao, uids, entries } = paid
  const drainedRao = epochRao + ownerCutRao
  const paidRao = entries.reduce((sum, { alphaRao }) => sum + alphaRao, 0n)
  return {
    epoch,
    netuid,
    block,
    drainedRao,
    paidRao,
    unpaidRao: drainedRao - paidRao,
    unownedRao: paidRao === ownerCutRao ? epochRao : 0n,
    // Two amounts a uid, each rounded down, of proportions in 2^-32.
    slackRao: 2n * BigInt(uids) * ((epochRao >> 31n) + 2n),
    creditedRao: paidRao,
  }
}
