import { byEpoch, epochKey } from '../diff/epochPlace.js'
import type { EpochTotals, Ledger } from '../ledger/ledger.js'
import type { Check } from './check.js'

/** Nothing is paid that does not exist, nothing vanishes. For each arm two checks, both over every epoch:
 *  - `credited`: the entries add up to `paidRao`, which equals `creditedRao` and drained - unpaid, to the rao (error otherwise);
 *  - `unpaid`: what was drained and not paid is, apart from what is without an owner for a known reason (info), within the
 *    bound of the roundings that the ledger states for each epoch (error otherwise; a known overpayment is a warning). */
export function checkConservation(arms: { readonly baseline: Ledger; readonly candidate: Ledger }): Check[] {
  return (['baseline', 'candidate'] as const).flatMap((arm) => [
    checkCredited(arm, arms[arm]),
    checkUnpaid(arm, arms[arm]),
  ])
}

function checkCredited(arm: string, ledger: Ledger): Check {
  const entries = byEpoch(ledger.entries)
  const faults = ledger.totals.flatMap((totals) => {
    const { drainedRao, paidRao, unpaidRao, creditedRao } = totals
    const sum = (entries.get(epochKey(totals)) ?? []).reduce((acc, { alphaRao }) => acc + alphaRao, 0n)
    const holds = sum === paidRao && paidRao === creditedRao && drainedRao - paidRao === unpaidRao
    if (holds) return []
    return [`${place(totals)}: entries ${sum}, paid ${paidRao}, credited ${creditedRao}, drained ${drainedRao} rao`]
  })
  const paidRao = ledger.totals.reduce((sum, totals) => sum + totals.paidRao, 0n)
  return {
    name: `conservation: credited (${arm})`,
    level: faults.length === 0 ? 'pass' : 'error',
    seen:
      faults.length === 0
        ? `${paidRao} rao paid in ${ledger.totals.length} epochs, every one credited`
        : `${faults.length} of ${ledger.totals.length} epochs do not add up, first ${faults[0]}`,
    expected: 'in every epoch the entries, what was paid and what balances grew by are the same number of rao',
    why:
      faults.length === 0
        ? 'Every payment of the ledger is a change of a balance in the state.'
        : 'The ledger misses a payment, or counts one that no balance shows: its amounts cannot be relied on.',
  }
}

function checkUnpaid(arm: string, ledger: Ledger): Check {
  const beyond = ledger.totals.filter((totals) => magnitude(unexplained(totals)) > totals.slackRao)
  const unowned = ledger.totals.filter(({ unownedRao }) => unownedRao !== 0n)
  const slackRao = largest(ledger.totals.map((totals) => totals.slackRao))
  const common = {
    name: `conservation: unpaid (${arm})`,
    expected: `what was drained and neither paid nor left without an owner is rounding: at most ${slackRao} rao an epoch either way`,
  }
  const [first] = beyond
  if (first !== undefined) {
    const more = unexplained(first) < 0n ? 'paid beyond what was drained' : 'were drained and not paid'
    return {
      ...common,
      level: 'error',
      seen: `in ${beyond.length} of ${ledger.totals.length} epochs, first ${place(first)}: ${magnitude(unexplained(first))} rao ${more}`,
      why: 'A policy, the runtime or the replay creates or destroys money in the epoch.',
    }
  }
  const rounding = `${largest(ledger.totals.map((totals) => magnitude(unexplained(totals))))} rao an epoch at most by rounding`
  if (unowned.length === 0) {
    const why = 'Each amount is rounded down; the remainder is never distributed.'
    return { ...common, level: 'pass', seen: rounding, why }
  }
  const sum = unowned.reduce((acc, { unownedRao }) => acc + unownedRao, 0n)
  const where = `in ${unowned.length} of ${ledger.totals.length} epochs`
  if (unowned.some(({ unownedRao }) => unownedRao < 0n)) {
    const why =
      'Mechanisms without dividends pay miners more than their half, or (up to spec 252) root is paid besides the validators, as on chain: compare with care.'
    return {
      ...common,
      level: 'warning',
      seen: `${rounding}; ${sum} rao without an owner, overpaid ones negative, ${where}`,
      why,
    }
  }
  return {
    ...common,
    level: 'info',
    seen: `${rounding}; ${sum} rao without an owner ${where}`,
    why: 'A pool had nobody to be paid from it (no owner keys, no dividends), or root alpha was recycled before the epoch, or (specs 244 to 252) validators were not paid their dividends on root stake: that alpha belongs to nobody afterwards, as on chain.',
  }
}

/** drained - paid - unowned. */
function unexplained({ unpaidRao, unownedRao }: EpochTotals): bigint {
  return unpaidRao - unownedRao
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}

function largest(amounts: readonly bigint[]): bigint {
  return amounts.reduce((max, amount) => (amount > max ? amount : max), 0n)
}

function place({ epoch, netuid, block }: EpochTotals): string {
  return `epoch ${epoch} of subnet ${netuid} (block ${block})`
}
