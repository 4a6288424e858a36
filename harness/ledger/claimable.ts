import type { ChainState } from './chainState.js'
import { type Bounds, sumOfBounds, takeBounds, withinBounds } from './take.js'

/** From spec 334 to 360 the chain recorded a hotkey's dividends on a subnet and for root as one amount. */
export const recordsRootApart = (state: ChainState): boolean =>
  state.rules >= 361 || state.knows('RootAlphaDividendsPerSubnet') || !state.knows('RootClaimable')

/** How a hotkey's dividends divide into those on the subnet and those that became claimable by root, both after take, where only their
 *  sum is recorded.
 *
 *  RootClaimable, what a rao of root stake may claim, grew by floor(2^32 * root dividends / root stake). Up to 4.29 TAO of root stake that
 *  is exact; beyond, what the hotkey's stake grew by besides decides, to a rao or two between dividends and take.
 *  @param bothRao the recorded sum
 *  @param takenRao what its owner was staked as take if `rootRao` became claimable
 *  @param rate of the take, U96F32 bits
 *  @returns `undefined` when no division explains the growth and RootClaimable does not tell either */
export function claimableRest(input: {
  readonly pre: ChainState
  readonly post: ChainState
  readonly netuid: number
  readonly hotkey: string
  readonly bothRao: bigint
  readonly takenRao: (rootRao: bigint) => bigint
  readonly rate: bigint
}): bigint | undefined {
  const { bothRao, takenRao, rate } = input
  const claimable = claimableBounds(input)
  const highest = claimable.highRao < bothRao ? claimable.highRao : bothRao
  const takes = (rootRao: bigint): Bounds => sumOfBounds(takeBounds(bothRao - rootRao, rate), takeBounds(rootRao, rate))
  // One rao more of root dividends is one rao more of take: the first candidate is where the least take is reached.
  const missing = takes(0n).lowRao - ROUNDING - takenRao(0n)
  let rootRao = missing > claimable.lowRao ? missing : claimable.lowRao
  for (const last = rootRao + 4n * ROUNDING; rootRao <= highest && rootRao <= last; rootRao += 1n) {
    if (withinBounds(takenRao(rootRao), takes(rootRao))) return rootRao
  }
  // A policy paid another incentive than the epoch's: the growth tells nothing.
  return claimable.highRao - claimable.lowRao <= ROUNDING ? claimable.lowRao : undefined
}

/** Both takes and both rests are rounded down. */
const ROUNDING = 2n

function claimableBounds({
  pre,
  post,
  netuid,
  hotkey,
}: Pick<Parameters<typeof claimableRest>[0], 'pre' | 'post' | 'netuid' | 'hotkey'>): {
  lowRao: bigint
  highRao: bigint
} {
  const stake = pre.int('TotalHotkeyAlpha', hotkey, 0)
  const grown = rateOf(post, hotkey, netuid) - rateOf(pre, hotkey, netuid)
  const reaching = (bits: bigint) => (bits * stake + (1n << 32n) - 1n) >> 32n
  if (stake === 0n) return { lowRao: 0n, highRao: 0n }
  return { lowRao: reaching(grown), highRao: reaching(grown + 1n) - 1n }
}

/** Alpha that a rao of root stake may claim, ever, I96F32 bits. */
function rateOf(state: ChainState, hotkey: string, netuid: number): bigint {
  const rates = state.list('RootClaimable', hotkey) as readonly (readonly [netuid: number, bits: bigint])[]
  return rates.find(([subnet]) => subnet === netuid)?.[1] ?? 0n
}
