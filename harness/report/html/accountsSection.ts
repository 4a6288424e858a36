import { formatPercent } from '../formatRao.js'
import type { RunResult } from '../runResult.js'
import { amount } from './amount.js'
import { embeddedJson, html, type Markup } from './markup.js'
import { accountName } from './names.js'

/** Rows of a page of the table. */
const PAGE = 25

/** Every account, to search, sort and page through; without script, those that move most. */
export function accountsSection(result: RunResult): Markup {
  const { accounts } = result.rewards
  const size = ({ changeRao }: (typeof accounts)[number]) => BigInt(changeRao.replace('-', ''))
  const first = accounts
    .map((account) => ({ account, size: size(account) }))
    .sort((a, b) => (a.size > b.size ? -1 : a.size < b.size ? 1 : 0))
    .slice(0, PAGE)
    .map(({ account }) => account)
  const roles = [...new Set(accounts.map(({ role }) => role))]
  const netuids = [...new Set(accounts.map(({ netuid }) => netuid))]
  const options = (values: readonly (string | number)[], all: string) =>
    html`<option value="">${all}</option>
      ${values.map((value) => html`<option value="${value}">${value}</option>`)}`
  return html`<section id="accounts" aria-labelledby="accounts-title"><h2 id="accounts-title">Look somebody up</h2>
<form id="account-controls" role="search" aria-label="Accounts" hidden>
<label>Search <input type="search" id="account-search" placeholder="hotkey, coldkey, name or uid" autocomplete="off" spellcheck="false"></label>
<label>Role <select id="account-role">${options(roles, 'all roles')}</select></label>
<label${netuids.length === 1 ? html` hidden` : undefined}>Subnet <select id="account-subnet">${options(netuids, 'all subnets')}</select></label>
<label>Count by <select id="account-unit"><option value="account">account and role</option><option value="hotkey">hotkey</option><option value="coldkey">wallet (coldkey)</option></select></label>
</form>
<p id="account-status" role="status">${Math.min(PAGE, accounts.length)} of ${accounts.length.toLocaleString('en-US')} accounts: those whose pay changes most.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Accounts"><table id="account-table"><caption class="unseen">What each account is paid over the run</caption>
<thead><tr>${columns.map(
    ([key, title, numeric]) =>
      html`<th scope="col" data-key="${key}" ${numeric ? html` class="number"` : undefined}>${title}</th>`,
  )}</tr></thead>
<tbody>${first.map((account) => row(result, account))}</tbody></table></div>
<nav id="account-pages" aria-label="Pages of the accounts" hidden><button type="button" id="account-previous">Previous</button> <span id="account-page"></span> <button type="button" id="account-next">Next</button></nav>
</section>`
}

const columns = [
  ['account', 'account', false],
  ['role', 'role', false],
  ['subnet', 'subnet', true],
  ['uid', 'uid', true],
  ['baseline', 'baseline', true],
  ['candidate', 'candidate', true],
  ['change', 'change', true],
  ['percent', '%', true],
] as const

function row(result: RunResult, account: RunResult['rewards']['accounts'][number]): Markup {
  const { netuid, uid, hotkey, coldkey, role, baselineRao, candidateRao, changeRao } = account
  return html`<tr>
    <th scope="row">
      <span title="hotkey ${hotkey}, coldkey ${coldkey}"><bdi>${accountName(result, account)}</bdi></span>
    </th>
    <td>${role}</td>
    <td class="number">${netuid}</td>
    <td class="number">${uid ?? '–'}</td>
    <td class="number">${amount(baselineRao, netuid)}</td>
    <td class="number">${amount(candidateRao, netuid)}</td>
    <td class="number">${amount(changeRao, netuid, { sign: true })}</td>
    <td class="number">${formatPercent(BigInt(changeRao), BigInt(baselineRao), { sign: true }) ?? 'new'}</td>
  </tr>`
}

/** What the page's script needs: all accounts column by column, each address once, and the prices. */
export function accountsData(result: RunResult): Markup {
  const { accounts } = result.rewards
  const addresses = new Map<string, number>()
  const index = (address: string) => {
    const known = addresses.get(address)
    if (known !== undefined) return known
    addresses.set(address, addresses.size)
    return addresses.size - 1
  }
  const roles = [...new Set(accounts.map(({ role }) => role))]
  const data = {
    page: PAGE,
    roles,
    netuid: accounts.map(({ netuid }) => netuid),
    uid: accounts.map(({ uid }) => uid ?? -1),
    role: accounts.map(({ role }) => roles.indexOf(role)),
    hotkey: accounts.map(({ hotkey }) => index(hotkey)),
    coldkey: accounts.map(({ coldkey }) => index(coldkey)),
    baseline: accounts.map(({ baselineRao }) => baselineRao).join(' '),
    candidate: accounts.map(({ candidateRao }) => candidateRao).join(' '),
    names: Object.entries(result.identities).flatMap(([address, name]) => {
      const known = addresses.get(address)
      return known === undefined ? [] : [[known, name]]
    }),
    prices: result.subnets.map(({ netuid, alphaPriceRao }) => [netuid, alphaPriceRao]),
  }
  const json = embeddedJson({ ...data, addresses: [...addresses.keys()] })
  return html`<script type="application/json" id="data">
    ${json}
  </script>`
}
