import type { ResultComparison } from './compareResults.js'
import { formatRao } from './formatRao.js'
import { headline } from './headline.js'
import { printableStrings } from './printable.js'
import type { RunResult } from './runResult.js'
import { shortAddress } from './shortAddress.js'
import { shownName } from './shownName.js'
import { type Column, textTable } from './textTable.js'
import { wrapText } from './wrapText.js'

/** How many accounts a subnet lists. */
const listed = 10

/** A comparison as a person reads it. */
export function renderComparison(
  comparison: ResultComparison,
  results: { readonly first: RunResult; readonly second: RunResult },
  width: number,
): string {
  if (comparison.equal) return `Equal: both are the same result, timing excepted: ${comparison.digests.first ?? ''}\n`
  const safe = printableStrings(comparison)
  const shown = { first: printableStrings(results.first), second: printableStrings(results.second) }
  const sections = [
    setup(safe, width),
    ...safe.subnets.map((subnet) => {
      return [
        `Subnet ${subnet.netuid}`,
        `  first:  ${wrapText(headline(shown.first, subnet.netuid), width, 10)}`,
        `  second: ${wrapText(headline(shown.second, subnet.netuid), width, 10)}`,
        subnet.epochs.first === subnet.epochs.second
          ? ''
          : `  Over ${subnet.epochs.first} and ${subnet.epochs.second} epochs: amounts are sums over different times.`,
        tables(subnet, width),
      ]
        .filter((part) => part !== '')
        .join('\n')
    }),
    only('first', safe.onlyFirst),
    only('second', safe.onlySecond),
    checks(safe, width),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

const pair: Column[] = [
  { title: 'first', align: 'right' },
  { title: 'second', align: 'right' },
]

function setup({ setup }: ResultComparison, width: number): string {
  if (setup.length === 0) return 'The same was run; the results differ all the same.'
  const lines = setup.flatMap(({ what, first, second }) => [
    `  ${what}`,
    ...[first, second].map(
      (text, i) => `    ${i === 0 ? 'first: ' : 'second:'} ${wrapText(shownName(text ?? '-', 400), width, 12)}`,
    ),
  ])
  return ['What was run differs in', ...lines].join('\n')
}

function tables({ metrics, roles, accounts }: ResultComparison['subnets'][number], width: number): string {
  if (metrics.length + roles.length + accounts.length === 0) return '  The proposal does the same here.'
  const alpha = (rao: string) => formatRao(BigInt(rao), { decimals: 4, sign: true })
  const parts: string[] = []
  if (roles.length > 0) {
    const rows = roles.map(({ role, firstChangeRao, secondChangeRao }) => [
      role,
      alpha(firstChangeRao),
      alpha(secondChangeRao),
    ])
    parts.push(`Changes by role (alpha)\n${textTable([{ title: 'role', align: 'left' }, ...pair], rows, width)}`)
  }
  if (accounts.length > 0) {
    const rows = accounts
      .slice(0, listed)
      .map(({ hotkey, uid, role, ...change }) => [
        shortAddress(hotkey),
        uid === null ? '-' : String(uid),
        role,
        ...[change.firstChangeRao, change.secondChangeRao, change.differenceRao].map(alpha),
      ])
    const columns: Column[] = [
      { title: 'hotkey', align: 'left' },
      { title: 'uid', align: 'right' },
      { title: 'role', align: 'left' },
      ...pair,
      { title: 'difference', align: 'right' },
    ]
    const count = accounts.length > listed ? `${listed} of ${accounts.length}` : String(accounts.length)
    parts.push(`Changes of accounts that differ (${count})\n${textTable(columns, rows, width)}`)
  }
  // What differs before the proposal comes from what was run; here is what the proposal does.
  const changes = metrics.filter(({ name }) => name.startsWith('change.') && !name.startsWith('change.paid.'))
  if (changes.length > 0) {
    const shown = (value: number | null) => (value === null ? '-' : value.toPrecision(4))
    const rows = changes.map(({ name, first, second }) => [name, shown(first), shown(second)])
    parts.push(`Metrics that differ\n${textTable([{ title: 'metric', align: 'left' }, ...pair], rows, width)}`)
  }
  return parts.join('\n\n')
}

function only(which: string, netuids: readonly number[]): string {
  return netuids.length === 0 ? '' : `Only the ${which} measures subnet ${netuids.join(', ')}.`
}

function checks({ checks }: ResultComparison, width: number): string {
  if (checks.length === 0) return 'Checks: the same verdicts'
  const rows = checks.map(({ name, first, second }) => [shownName(name, 60), first ?? '-', second ?? '-'])
  return `Checks that differ\n${textTable([{ title: 'check', align: 'left' }, ...pair], rows, width)}`
}
