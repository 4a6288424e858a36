import { describePatch } from '../patch/describePatch.js'
import type { Effect } from './attributionSchema.js'
import { formatRao } from './formatRao.js'
import type { RunResult } from './runResult.js'
import { type Column, textTable } from './textTable.js'

const roles = ['miner', 'validator', 'nominator', 'owner', 'root', 'burned'] as const

/** Rows of a table: what each patch changes alone, what is lost when it is left out, and what they do only together; `undefined` for a
 *  run without attribution. */
export function attributionTable(
  { attribution, patches }: RunResult,
  netuid: number,
  width: number,
): { readonly legend: readonly string[]; readonly table: string } | undefined {
  if (attribution === undefined) return undefined
  const { whole, alone, allBut, interaction } = attribution
  const columns: Column[] = [
    { title: 'change by', align: 'left' },
    ...roles.map((role): Column => ({ title: role, align: 'right', ...(role === 'root' && { optional: 'roles' }) })),
    { title: 'Gini', align: 'right' },
    { title: '51 %', align: 'right', optional: 'coalition' },
  ]
  const row = (title: string, effect: Effect | null): string[] => {
    if (effect === null) return [title, ...columns.slice(1).map(() => 'failed')]
    const paid = roles.map(
      (role) => effect.roles.find((each) => each.netuid === netuid && each.role === role)?.changeRao,
    )
    const metric = (name: string, decimals: number) => {
      const value = effect.metrics.find((each) => each.netuid === netuid && each.metric === name)?.value ?? null
      return value === null ? '-' : `${value > 0 ? '+' : ''}${value.toFixed(decimals)}`
    }
    return [
      title,
      ...paid.map((changeRao) => formatRao(BigInt(changeRao ?? 0), { decimals: 4, sign: true })),
      metric('change.rewards.hotkey.gini', 4),
      metric('change.rewards.hotkey.coalition51Count', 0),
    ]
  }
  const letter = (index: number) => String.fromCharCode(65 + index)
  const rows = [
    row('all together', whole),
    ...alone.map(({ patches: [index = 0], effect }) => row(`${letter(index)} alone`, effect)),
    ...(patches.length > 2 ? allBut.map(({ effect }, index) => row(`all but ${letter(index)}`, effect)) : []),
    row('interaction', interaction),
  ]
  return {
    legend: [
      ...patches.map((patch, index) => `${letter(index)}: ${describePatch(patch)}`),
      ...[...alone, ...allBut].flatMap(({ patches: part, error }) =>
        error === null ? [] : [`${part.map(letter).join(', ')} cannot run without the others: ${error}`],
      ),
    ],
    table: textTable(columns, rows, width),
  }
}
