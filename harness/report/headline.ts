import { formatPercent, formatRao } from './formatRao.js'
import type { RunResult } from './runResult.js'
import { shortAddress } from './shortAddress.js'

type Account = RunResult['rewards']['accounts'][number]

/** Accounts of a subnet with a gain, largest first, or with a loss, largest loss first; what is burned is nobody's. */
export function ranked(result: RunResult, netuid: number, side: 'winners' | 'losers'): Account[] {
  const direction = side === 'winners' ? 1n : -1n
  const size = (account: Account) => direction * BigInt(account.changeRao)
  return result.rewards.accounts
    .filter((account) => account.netuid === netuid && account.role !== 'burned' && size(account) > 0n)
    .sort((a, b) => (size(a) > size(b) ? -1 : size(a) < size(b) ? 1 : 0))
}

/** Who gains, who loses and how much moves on a subnet, in a few sentences. */
export function headline(result: RunResult, netuid: number): string {
  const epochs = result.epochs.filter((epoch) => epoch.netuid === netuid).length
  const over = `over ${epochs === 1 ? 'one epoch' : `${epochs} epochs`} of subnet ${netuid}`
  const [winners, losers] = [ranked(result, netuid, 'winners'), ranked(result, netuid, 'losers')]
  const paidRao = result.rewards.roles
    .filter((role) => role.netuid === netuid && role.role !== 'burned')
    .reduce((sum, { baselineRao }) => sum + BigInt(baselineRao), 0n)
  const paid = `${formatRao(paidRao, { decimals: 4 })} alpha`
  if (winners.length === 0 && losers.length === 0) {
    const exactly = result.rewards.isEmpty
      ? 'to the rao, in every epoch'
      : 'over the whole run, though not in every epoch'
    return `Nobody gains and nobody loses: each account is paid the same ${exactly}, of ${paid} ${over}.`
  }
  const [gainedRao, lostRao] = [sumOf(winners), -sumOf(losers)]
  const movedRao = gainedRao < lostRao ? gainedRao : lostRao
  const share = formatPercent(movedRao, paidRao)
  const sentences = [
    `${count(winners.length)} gain and ${count(losers.length, '')} lose: ${formatRao(movedRao, { decimals: 4 })} of ${paid}` +
      `${share === undefined ? '' : ` (${share})`} changes hands ${over}.`,
  ]
  if (gainedRao !== lostRao) {
    const difference = formatRao(gainedRao < lostRao ? lostRao - gainedRao : gainedRao - lostRao, { decimals: 4 })
    sentences.push(`All accounts together are paid ${difference} alpha ${gainedRao < lostRao ? 'less' : 'more'}.`)
  }
  const [winner] = winners
  const [loser] = losers
  if (winner !== undefined) sentences.push(`The largest gain is ${one(winner)}.`)
  if (loser !== undefined) sentences.push(`The largest loss is ${one(loser)}.`)
  return sentences.join(' ')
}

function one(account: Account): string {
  const changeRao = BigInt(account.changeRao)
  const share = formatPercent(changeRao, BigInt(account.baselineRao), { sign: true })
  const who = `${account.role} ${shortAddress(account.hotkey)}${account.uid === null ? '' : ` (uid ${account.uid})`}`
  return `${who}: ${formatRao(changeRao, { decimals: 4, sign: true })} alpha${share === undefined ? ', from nothing' : ` (${share})`}`
}

function sumOf(accounts: readonly Account[]): bigint {
  return accounts.reduce((sum, { changeRao }) => sum + BigInt(changeRao), 0n)
}

function count(accounts: number, noun = accounts === 1 ? 'account' : 'accounts'): string {
  return `${accounts === 0 ? 'none' : accounts} ${noun}`.trim()
}
