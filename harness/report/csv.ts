import { resultUnreadable } from '../errors/output.js'
import { printable } from './printable.js'
import type { RunResult } from './runResult.js'

const columns = ['epoch', 'netuid', 'block', 'arm', 'role', 'uid', 'hotkey', 'coldkey', 'alpha_rao']

/** The ledgers of both arms as CSV (RFC 4180, lines end with \n): one row an account, epoch, arm and role, by account, then epoch.
 *  An account that neither arm pays in an epoch has no row there. `uid` is the account's last one, empty if it never held one.
 *  Text that a spreadsheet would take for a formula begins with an apostrophe.
 *  @returns the text in pieces, as it can be longer than a string can be
 *  @throws E703 when the ledger does not fit the accounts and epochs */
export function* renderCsv(result: RunResult): Generator<string> {
  yield `${columns.join(',')}\n`
  const netuids = new Set(result.epochs.map(({ netuid }) => netuid))
  const epochsOf = new Map([...netuids].map((netuid) => [netuid, result.epochs.filter((e) => e.netuid === netuid)]))
  if (result.ledger.length !== result.rewards.accounts.length) {
    throw resultUnreadable({ reason: 'ledger: it has not one element an account' })
  }
  for (const [i, { netuid, role, uid, hotkey, coldkey }] of result.rewards.accounts.entries()) {
    const epochs = epochsOf.get(netuid) ?? []
    const [baseline, candidate] = [result.ledger[i]?.baselineRao.split(' '), result.ledger[i]?.candidateRao.split(' ')]
    if (baseline?.length !== epochs.length || candidate?.length !== epochs.length) {
      throw resultUnreadable({ reason: `ledger.${i}: it has not one amount an epoch` })
    }
    const who = [role, uid ?? '', cell(hotkey), cell(coldkey)].join(',')
    yield epochs
      .flatMap(({ epoch, block }, e) =>
        baseline[e] === '0' && candidate[e] === '0'
          ? []
          : [
              `${epoch},${netuid},${block},baseline,${who},${baseline[e]}\n`,
              `${epoch},${netuid},${block},candidate,${who},${candidate[e]}\n`,
            ],
      )
      .join('')
  }
}

function cell(text: string): string {
  const shown = printable(text)
  const inert = /^\s*[=+\-@|%]/.test(shown) ? `'${shown}` : shown
  return /^[\w.-]*$/.test(inert) ? inert : `"${inert.replaceAll('"', '""')}"`
}
