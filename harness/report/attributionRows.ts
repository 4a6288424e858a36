import { describePatch } from '../patch/describePatch.js'
import type { Effect } from './attributionSchema.js'
import { formatRao } from './formatRao.js'
import type { RunResult } from './runResult.js'

const roles = ['miner', 'validator', 'nominator', 'owner', 'root', 'burned'] as const

/** Titles of the columns of `attributionRows`: text, then numbers. */
export const attributionTitles = ['change by', ...roles, 'Gini', '51 %'] as const

/** What each patch changes alone on a subnet, what is lost when it is left out, and what they do only together; none for a run
 *  without attribution. */
export function attributionRows({ attribution, patches }: RunResult, netuid: number): string[][] {
  if (attribution === undefined) return []
  const { whole, alone, allBut, interaction } = attribution
  const row = (title: string, effect: Effect | null): string[] => {
    if (effect === null) return attributionTitles.map((_, column) => (column === 0 ? title : 'failed'))
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
  return [
    row('all together', whole),
    ...alone.map(({ patches: [index = 0], effect }) => row(`${letter(index)} alone`, effect)),
    ...(patches.length > 2 ? allBut.map(({ effect }, index) => row(`all but ${letter(index)}`, effect)) : []),
    row('interaction', interaction),
  ]
}

/** What the letters in the rows stand for, and which parts could not run. */
export function attributionLegend({ attribution, patches }: RunResult): string[] {
  if (attribution === undefined) return []
  return [
    ...patches.map((patch, index) => `${letter(index)}: ${describePatch(patch)}`),
    ...[...attribution.alone, ...attribution.allBut].flatMap(({ patches: part, error }) =>
      error === null ? [] : [`${part.map(letter).join(', ')} cannot run without the others: ${error}`],
    ),
  ]
}

function letter(index: number): string {
  return String.fromCharCode(65 + index)
}
