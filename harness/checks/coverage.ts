import { roles } from '../diff/diffLedgers.js'
import type { Ledger, Role } from '../ledger/ledger.js'
import type { Check } from './check.js'

const unpaidReason: Record<Role, string> = {
  miner: 'no miner earned incentive',
  validator: 'no validator earned dividends',
  nominator: 'no nominator in this state',
  owner: 'no owner cut in this state',
  root: 'no root stake in this state',
  burned: "nothing withheld from an owner's hotkey",
}

/** What the run exercised: epochs, subnets, roles, feeds. A run without epochs, or in which the baseline pays neither miners nor
 *  validators, says nothing (error, warning); a role that nobody had is info. */
export function checkCoverage(
  arms: { readonly baseline: Ledger; readonly candidate: Ledger },
  feeds: readonly string[],
): Check {
  const { baseline, candidate } = arms
  const netuids = [...new Set(baseline.totals.map(({ netuid }) => netuid))].sort((a, b) => a - b)
  const isPaid = (ledger: Ledger, role: Role) =>
    ledger.entries.some((entry) => entry.role === role && entry.alphaRao > 0n)
  const paid = roles.filter((role) => isPaid(baseline, role) || isPaid(candidate, role))
  const never = roles.filter((role) => !paid.includes(role))
  const pays = isPaid(baseline, 'miner') && isPaid(baseline, 'validator')
  const level = baseline.totals.length === 0 ? 'error' : !pays ? 'warning' : never.length > 0 ? 'info' : 'pass'
  return {
    name: 'coverage',
    level,
    seen: [
      `${baseline.totals.length} epochs of ${netuids.length === 1 ? 'subnet' : 'subnets'} ${netuids.join(', ') || 'none'}`,
      `paid: ${paid.join(', ') || 'nobody'}`,
      `never exercised: ${never.map((role) => `${role} (${unpaidReason[role]})`).join(', ') || 'no role'}`,
      `feeds: ${feeds.join(', ') || 'none'}`,
    ].join('; '),
    expected: 'at least one epoch in which the baseline pays miners and validators; every role paid',
    why: {
      pass: 'Every role that a proposal can touch was paid.',
      info: 'The report says nothing about roles that nobody has in this state.',
      warning: 'The baseline does not pay miners and validators as a live subnet does: compare with care.',
      error: 'No epoch ran, so nothing was compared.',
    }[level],
  }
}
