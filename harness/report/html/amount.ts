import { formatRao } from '../formatRao.js'
import { html, type Markup } from './markup.js'

/** An amount of a subnet's alpha; the page's script shows it in the unit that is chosen, and its title has it in rao. */
export function amount(rao: string | bigint, netuid: number, { sign = false } = {}): Markup {
  const value = BigInt(rao)
  const direction = !sign || value === 0n ? '' : value > 0n ? ' gain' : ' loss'
  return html`<data
    class="amount${direction}"
    value="${value}"
    data-netuid="${netuid}"
    data-sign="${sign ? 1 : 0}"
    title="${value} rao"
    >${formatRao(value, { decimals: 4, sign })}</data
  >`
}

/** Alpha of an amount as the nearest double: for drawing only. */
export function alpha(rao: string | bigint): number {
  return Number(BigInt(rao)) / 1e9
}
