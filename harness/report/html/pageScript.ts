/** The page's only script: units, theme, sorting, searching, tips. It writes text, never markup, and asks for nothing. Without it
 *  the page shows the same numbers, in alpha, and the accounts that move most. */
export const pageScript = String.raw`
'use strict'
{
const $ = (id) => document.getElementById(id)
const ALPHA = 1000000000n

// Numbers, exactly rounded, as the rest of the report writes them.
const abs = (x) => (x < 0n ? -x : x)
const group = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',')
const signOf = (x, sign) => (x < 0n ? '-' : sign && x > 0n ? '+' : '')
const decimal = (rao, sign) => {
  const rounded = ((abs(rao) + 50000n) / 100000n) * 100000n
  const [shown, places] = rounded === 0n && rao !== 0n ? [abs(rao), 9] : [rounded, 4]
  return signOf(rao, sign) + group(String(shown / ALPHA)) + '.' + String(shown % ALPHA).padStart(9, '0').slice(0, places)
}
const percent = (part, whole) => {
  if (whole === 0n) return 'new'
  const hundredths = (abs(part) * 20000n + whole) / (2n * whole)
  return signOf(part, true) + hundredths / 100n + '.' + String(hundredths % 100n).padStart(2, '0') + ' %'
}

let data
let prices = new Map()
const load = () => {
  if (data !== undefined) return
  data = JSON.parse($('data').textContent)
  prices = new Map(data.prices.map(([netuid, price]) => [netuid, price === null ? null : BigInt(price)]))
}

// Units.
let unit = 'alpha'
const inUnit = (rao, netuid, sign) => {
  if (unit === 'rao') return signOf(rao, sign) + group(String(abs(rao)))
  if (unit === 'alpha') return decimal(rao, sign)
  const price = prices.get(netuid)
  return price === undefined || price === null ? '–' : decimal((rao * price) / ALPHA, sign)
}
const showAmount = (element) => {
  const { netuid, sign } = element.dataset
  element.textContent = inUnit(BigInt(element.value), Number(netuid), sign === '1')
}
const amount = (rao, netuid, sign) => {
  const element = document.createElement('data')
  element.className = 'amount' + (!sign || rao === 0n ? '' : rao > 0n ? ' gain' : ' loss')
  element.value = String(rao)
  element.dataset.netuid = String(netuid)
  element.dataset.sign = sign ? '1' : '0'
  element.title = rao + ' rao'
  showAmount(element)
  return element
}
const setUnit = (chosen) => {
  load()
  unit = chosen
  for (const element of document.querySelectorAll('data.amount')) showAmount(element)
}

// Theme.
const root = document.documentElement
const themes = ['auto', 'light', 'dark']
const setTheme = (theme) => {
  if (theme === 'auto') delete root.dataset.theme
  else root.dataset.theme = theme
  $('theme').textContent = 'Theme: ' + theme
  try { localStorage.setItem('epochdiff-theme', theme) } catch { /* a file has no storage everywhere */ }
}
const storedTheme = () => {
  try { return localStorage.getItem('epochdiff-theme') } catch { return null }
}
$('theme').addEventListener('click', () => setTheme(themes[(themes.indexOf(root.dataset.theme ?? 'auto') + 1) % 3]))
if (themes.includes(storedTheme())) setTheme(storedTheme())
$('print').addEventListener('click', () => print())
addEventListener('beforeprint', () => document.querySelectorAll('.check').forEach((details) => { details.open = true }))

// Tables that are whole: sorted by a click on a heading.
const sortValue = (row, column) => {
  const cell = row.cells[column]
  const valued = cell.querySelector('[data-value],data')
  const text = valued === null ? cell.textContent : valued.dataset.value ?? valued.value
  return text === '' || text === '–' ? -Infinity : Number.isNaN(Number(text)) ? text : Number(text)
}
for (const table of document.querySelectorAll('table.sortable')) {
  table.tHead.addEventListener('click', (event) => {
    const button = event.target.closest('button')
    if (button === null) return
    const heading = button.closest('th')
    const down = heading.getAttribute('aria-sort') !== 'descending'
    for (const other of table.tHead.querySelectorAll('th')) other.removeAttribute('aria-sort')
    heading.setAttribute('aria-sort', down ? 'descending' : 'ascending')
    const column = Number(button.dataset.column)
    const rows = [...table.tBodies[0].rows].map((row) => [sortValue(row, column), row])
    rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1))
    table.tBodies[0].append(...rows.map(([, row]) => row))
  })
}

// Accounts.
const cut = (address) => (address.length <= 14 ? address : address.slice(0, 6) + '..' + address.slice(-4))
let accounts
const allAccounts = () => {
  if (accounts !== undefined) return accounts
  load()
  const names = new Map(data.names)
  const [baseline, candidate] = [data.baseline.split(' '), data.candidate.split(' ')]
  accounts = data.netuid.map((netuid, i) => {
    const [h, c] = [data.hotkey[i], data.coldkey[i]]
    const [hotkey, coldkey, role] = [data.addresses[h], data.addresses[c], data.roles[data.role[i]]]
    const [before, after] = [BigInt(baseline[i]), BigInt(candidate[i])]
    const name = names.get(c)
    return {
      netuid, uid: data.uid[i], hotkey, coldkey, role, before, after, change: after - before,
      label: name ?? cut(role === 'nominator' ? coldkey : hotkey),
      title: 'hotkey ' + hotkey + ', coldkey ' + coldkey,
      words: (hotkey + ' ' + coldkey + ' ' + (name ?? '')).toLowerCase(),
    }
  })
  return accounts
}
const together = (rows, key) => {
  const groups = new Map()
  for (const row of rows) {
    const place = row.netuid + ' ' + row[key]
    const known = groups.get(place)
    if (known === undefined) {
      groups.set(place, { ...row, label: row.words.includes(row.label.toLowerCase()) ? row.label : cut(row[key]), title: key + ' ' + row[key], roles: new Set([row.role]) })
      continue
    }
    known.before += row.before
    known.after += row.after
    known.change += row.change
    known.roles.add(row.role)
    if (known.uid !== row.uid) known.uid = key === 'hotkey' ? Math.max(known.uid, row.uid) : -1
  }
  return [...groups.values()].map((row) => ({ ...row, role: [...row.roles].join(', ') }))
}
const columns = {
  account: (row) => row.label.toLowerCase(),
  role: (row) => row.role,
  subnet: (row) => row.netuid,
  uid: (row) => row.uid,
  baseline: (row) => row.before,
  candidate: (row) => row.after,
  change: (row) => row.change,
  size: (row) => abs(row.change),
  percent: (row) => (row.before === 0n ? (row.change === 0n ? 0 : Infinity) : Number((row.change * 1000000n) / row.before)),
}
const view = { key: 'size', down: true, page: 0 }
const cell = (tag, content, className) => {
  const element = document.createElement(tag)
  if (className !== undefined) element.className = className
  element.append(content)
  return element
}
const accountRow = (row) => {
  const who = document.createElement('span')
  who.title = row.title
  who.append(cell('bdi', row.label))
  const heading = cell('th', who)
  heading.scope = 'row'
  const line = document.createElement('tr')
  line.append(
    heading, cell('td', row.role), cell('td', String(row.netuid), 'number'), cell('td', row.uid < 0 ? '–' : String(row.uid), 'number'),
    cell('td', amount(row.before, row.netuid, false), 'number'), cell('td', amount(row.after, row.netuid, false), 'number'),
    cell('td', amount(row.change, row.netuid, true), 'number'), cell('td', percent(row.change, row.before), 'number'),
  )
  return line
}
const showAccounts = () => {
  const wanted = $('account-search').value.trim().toLowerCase()
  const [role, subnet, by] = [$('account-role').value, $('account-subnet').value, $('account-unit').value]
  const isUid = /^\d{1,5}$/.test(wanted)
  const found = allAccounts().filter((row) =>
    (role === '' || row.role === role) && (subnet === '' || row.netuid === Number(subnet)) &&
    (wanted === '' || (isUid ? row.uid === Number(wanted) : row.words.includes(wanted))))
  const rows = by === 'account' ? found : together(found, by)
  const value = columns[view.key]
  const keyed = rows.map((row) => [value(row), row])
  keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (view.down ? -1 : 1))
  const pages = Math.max(1, Math.ceil(rows.length / data.page))
  view.page = Math.min(view.page, pages - 1)
  const first = view.page * data.page
  const shown = keyed.slice(first, first + data.page).map(([, row]) => accountRow(row))
  $('account-table').tBodies[0].replaceChildren(...shown)
  const count = (number) => number.toLocaleString('en-US')
  const what = { account: 'accounts', hotkey: 'hotkeys', coldkey: 'wallets' }[by]
  $('account-status').textContent = rows.length === 0 ? 'No ' + what + ' found.'
    : count(first + 1) + ' to ' + count(first + shown.length) + ' of ' + count(rows.length) + ' ' + what +
      (view.key === 'size' ? ', those whose pay changes most first.' : '.')
  $('account-page').textContent = 'Page ' + count(view.page + 1) + ' of ' + count(pages)
  $('account-previous').disabled = view.page === 0
  $('account-next').disabled = view.page === pages - 1
}
const again = () => { view.page = 0; showAccounts() }
let waiting
$('account-search').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(again, 120) })
for (const id of ['account-role', 'account-subnet', 'account-unit']) $(id).addEventListener('change', again)
$('account-controls').addEventListener('submit', (event) => { event.preventDefault(); again() })
$('account-previous').addEventListener('click', () => { view.page -= 1; showAccounts() })
$('account-next').addEventListener('click', () => { view.page += 1; showAccounts() })
for (const heading of $('account-table').tHead.rows[0].cells) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = heading.textContent
  heading.replaceChildren(button)
  button.addEventListener('click', () => {
    view.down = view.key === heading.dataset.key ? !view.down : !['account', 'role', 'subnet', 'uid'].includes(heading.dataset.key)
    view.key = heading.dataset.key
    for (const other of heading.parentNode.cells) other.removeAttribute('aria-sort')
    heading.setAttribute('aria-sort', view.down ? 'descending' : 'ascending')
    again()
  })
}

// Tips of the charts.
const tip = $('tip')
document.addEventListener('pointerover', (event) => {
  const text = event.target.dataset?.tip
  tip.hidden = text === undefined
  if (text === undefined) return
  tip.textContent = text
  const right = Math.max(8, Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8))
  const below = event.clientY + 16 + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 16
  tip.style.left = right + 'px'
  tip.style.top = below + 'px'
})

for (const radio of document.querySelectorAll('input[name=unit]')) {
  radio.addEventListener('change', () => setUnit(radio.value))
}
$('controls').hidden = false
$('account-controls').hidden = false
$('account-pages').hidden = false
// After the first paint: the data of all accounts, and whether anything has a price.
requestAnimationFrame(() => setTimeout(() => {
  load()
  if (![...prices.values()].some((price) => price !== null)) {
    const tao = document.querySelector('input[value=tao]')
    tao.disabled = true
    tao.parentNode.title = 'The fork has no price of alpha.'
  }
  $('account-page').textContent = 'Page 1 of ' + Math.max(1, Math.ceil(data.netuid.length / data.page)).toLocaleString('en-US')
  $('account-previous').disabled = true
  $('account-next').disabled = data.netuid.length <= data.page
}))
}
`
