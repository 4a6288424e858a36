import { expect, it } from '@jest/globals'
import { requireUnmoved, rootPart } from './absoluteDividends.js'
import type { ChainState } from './chainState.js'

// On paper: half of root stake counts. A hotkey's dividend d, of which ρ is on root, pays d (1 - ρ) of alpha.
//   a: alpha 1,000, root 4,000: ρ = 2/3; d = 900: 300 paid, 600 root's
//   b: alpha 2,000, root 2,000: ρ = 1/3; d = 300: 200 paid, 100 root's
//   c: root 800 alone: d = 50, all of it root's
// Their TAO dividends are as 600 : 100 : 50.
const STAKES: Readonly<Record<string, readonly [alpha: bigint, root: bigint]>> = {
  a: [1_000n, 4_000n],
  b: [2_000n, 2_000n],
  c: [0n, 800n],
}
const HALF = 1n << 63n

type Paid = Readonly<Record<string, bigint>>

function state(rules: number, alpha: Paid, tao: Readonly<Record<number, Paid>>): ChainState {
  return {
    rules,
    int: (item: string, ...[first, second]: unknown[]) => {
      if (item === 'TaoWeight') return HALF
      if (item === 'TotalHotkeyAlpha') return STAKES[String(first)]?.[second === 0 ? 1 : 0] ?? 0n
      if (item === 'AlphaDividendsPerSubnet') return alpha[String(second)] ?? 0n
      return item === 'TaoDividendsPerSubnet' ? (tao[Number(first)]?.[String(second)] ?? 0n) : 0n
    },
    below: (_item: string, netuid: number) => Object.keys(tao[netuid] ?? {}).map((hotkey) => [[hotkey], '0x'] as const),
  } as unknown as ChainState
}

const alpha = { a: 300n, b: 200n, c: 0n }
const tao = { a: 6_000n, b: 1_000n, c: 500n }

it.each([
  ['of hotkeys with alpha by their stakes, of those without by their TAO dividends', 245, alpha, { 1: tao }, 750n],
  [
    'after an earlier epoch of the block paid 1,000 to the root stake of a',
    252,
    { a: 300n },
    { 1: { a: 6_000n }, 2: { a: 1_000n } },
    750n,
  ],
  ['of nobody with root stake', 245, alpha, {}, 0n],
  ['of hotkeys on root alone, all there is', 245, {}, { 1: { c: 7n } }, 1_250n],
  ['nothing before spec 244: validators were paid it, too', 239, alpha, { 1: tao }, 0n],
] as const)('is %s', (_, rules, paid, taoPaid, expected) => {
  const post = state(rules, paid, taoPaid)
  const part = rootPart({ pre: post, post, netuid: 1, epochRao: 1_250n, earlier: 2 in taoPaid ? [2] : [] })
  const off = part.alphaRao - expected
  expect(off <= part.slackRao && -off <= part.slackRao).toBe(true)
  expect(part.slackRao).toBeLessThan(30n)
})

it('refuses what a policy moved between the pools, which would be minted', () => {
  const moved = (rules: number, rao: bigint) => () => requireUnmoved(state(rules, {}, {}), rao, { netuid: 1, block: 9 })
  expect(moved(252, 5n)).toThrow(/E511.*moved 5 rao/)
  expect(moved(252, 0n)).not.toThrow()
  expect(moved(257, 5n)).not.toThrow()
})
