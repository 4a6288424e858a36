import { payoutUnexplained } from '../errors/replay.js'
import type { ChainState } from './chainState.js'
import { fixed, floor, multiply, ofU16, ofU64 } from './fixedPoint.js'
import { takeBounds } from './take.js'

/** Whether validators are paid their computed dividends as they are. Since spec 257 they are proportions of what waits for validators. */
export const paysDividendsAsTheyAre = ({ rules }: ChainState): boolean => rules < 257

/** A policy that moves rao from validators to miners lessens what waits for validators: here that is not what they are paid.
 *  @throws E511 when one did */
export function requireUnmoved(pre: ChainState, movedRao: bigint, where: { netuid: number; block: number }): void {
  if (movedRao === 0n || !paysDividendsAsTheyAre(pre)) return
  const reason = `a policy moved ${movedRao} rao between miners and validators, whose dividends are paid as they are up to spec 252: the pools cannot be moved`
  throw payoutUnexplained({ ...where, account: 'the validators', reason })
}

/** Of the dividends that validators were computed, the part on their root stake: nobody is paid it as alpha (specs 244 to 252). */
export interface RootPart {
  readonly alphaRao: bigint
  /** By how much roundings may change it. */
  readonly slackRao: bigint
}

/** Root's part of an epoch's dividends, from what was paid and the stakes before it.
 *
 *  A hotkey's dividend d, of which ρ is on root, paid d (1 - ρ) of alpha: d ρ is that times `TaoWeight` · root / alpha. Where a hotkey has root stake
 *  alone no alpha tells d; its part is to the others' as its TAO dividends are to theirs.
 *  @param epochRao what the validators' dividends sum to; it is root's when all of their stake is on root
 *  @param earlier subnets whose epochs ran before in the same block: their TAO dividends had become root stake */
export function rootPart(input: {
  readonly pre: ChainState
  readonly post: ChainState
  readonly netuid: number
  readonly epochRao: bigint
  readonly earlier: readonly number[]
}): RootPart {
  const { pre, post, netuid, epochRao, earlier } = input
  if (pre.rules < 244) return { alphaRao: 0n, slackRao: 0n }
  const withTake = (item: string, of: number, hotkey: string): bigint => {
    const restRao = post.int(item, of, hotkey)
    return restRao + takeBounds(restRao, ofU16(post.int('Delegates', hotkey))).lowRao
  }
  const weight = ofU64(pre.int('TaoWeight'))
  let [told, slackBits, toldTao, allTao] = [0n, 0n, 0n, 0n]
  for (const [[hotkey = '']] of post.below('TaoDividendsPerSubnet', netuid)) {
    const taoRao = withTake('TaoDividendsPerSubnet', netuid, hotkey)
    allTao += taoRao
    const alphaStake = pre.int('TotalHotkeyAlpha', hotkey, netuid)
    if (alphaStake === 0n) continue
    const paidBefore = earlier.map((other) => withTake('TaoDividendsPerSubnet', other, hotkey))
    const rootStake = paidBefore.reduce((sum, rao) => sum + rao, pre.int('TotalHotkeyAlpha', hotkey, 0))
    const timesBits = multiply(fixed(rootStake), weight) / alphaStake
    toldTao += taoRao
    const alphaRao = withTake('AlphaDividendsPerSubnet', netuid, hotkey)
    const rootRao = floor(timesBits * alphaRao)
    told += rootRao
    // Dividend and take are rounded down, each to the rao, and the chain's ρ and the ratio here to 2^-32.
    slackBits += timesBits * (4n + ((alphaRao + rootRao) >> 32n)) + fixed(1n + (alphaRao >> 32n))
  }
  if (toldTao === 0n) return { alphaRao: allTao === 0n ? 0n : epochRao, slackRao: 0n }
  const slackRao = floor(slackBits) + 2n + told / toldTao
  return { alphaRao: (told * allTao) / toldTao, slackRao: (slackRao * allTao) / toldTao }
}
