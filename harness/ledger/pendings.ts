import { divide, fixed, floor, multiply, ofU16, ofU64, ONE, subtract } from './fixedPoint.js'
import type { ChainState } from './chainState.js'

/** What waits for a subnet's epoch, alpha rao. */
export interface Pendings {
  readonly serverRao: bigint
  readonly validatorRao: bigint
  readonly rootRao: bigint
  readonly ownerCutRao: bigint
}

/** What one block adds; `rootRecycledRao` is root alpha that is recycled instead of put aside. */
export interface Accumulation extends Pendings {
  readonly rootRecycledRao: bigint
}

const NOTHING: Accumulation = { serverRao: 0n, validatorRao: 0n, rootRao: 0n, ownerCutRao: 0n, rootRecycledRao: 0n }
const HALF = ONE / 2n

/** Before spec 361 a subnet that was started emitted; one that lets nobody in emitted zero, as SubnetAlphaOutEmission says. */
const emits = (state: ChainState, netuid: number): boolean =>
  netuid !== 0 &&
  state.has('FirstEmissionBlockNumber', netuid) &&
  (sellsRoot(state) || (state.flag('SubtokenEnabled', netuid) && state.flag('NetworkRegistrationAllowed', netuid)))

/** Up to spec 342 root's part of a block's alpha was sold in that block, and root was paid TAO. */
export const sellsRoot = (state: ChainState): boolean => state.knows('PendingRootDivs')

/** Root alpha is put aside while the moving prices of all emitting subnets sum to more than one TAO; prices are compared in
 *  2^-32 TAO, a subnet without a pool counts as one. */
function rootSells(state: ChainState, netuids: readonly number[]): boolean {
  const prices = netuids
    .filter((netuid) => emits(state, netuid))
    .map((netuid) => {
      if (state.int('SubnetMechanism', netuid) === 0n) return ONE
      const price = BigInt.asIntN(128, state.int('SubnetMovingPrice', netuid))
      return price > 0n ? price : 0n
    })
  return prices.reduce((sum, price) => sum + price, 0n) > ONE
}

/** What a block added to a subnet's pendings, computed from the states around it.
 *  @param netuids all subnets of the chain */
export function accumulated(
  pre: ChainState,
  post: ChainState,
  netuid: number,
  netuids: readonly number[],
): Accumulation {
  if (!emits(pre, netuid)) return NOTHING
  const emission = fixed(post.int('SubnetAlphaOutEmission', netuid))
  // Older runtimes cannot switch the cut off.
  const cut = pre.value('OwnerCutEnabled', netuid) !== false ? multiply(emission, ofU16(pre.int('SubnetOwnerCut'))) : 0n
  const alpha = emission - cut

  // The root proportion is taken after this block's injection and purchase, before anything that the epoch does.
  const alphaIn = pre.int('SubnetAlphaIn', netuid) + post.int('SubnetAlphaInEmission', netuid)
  const alphaOut = pre.int('SubnetAlphaOut', netuid) + floor(emission)
  const rootWeight = multiply(fixed(pre.int('SubnetTAO', 0)), ofU64(pre.int('TaoWeight')))
  const rootProportion = divide(rootWeight, rootWeight + fixed(alphaIn + alphaOut - burnedPurchase(pre, post, netuid)))

  const root = multiply(multiply(rootProportion, alpha), HALF)
  const server = multiply(alpha, HALF)
  if (sellsRoot(pre)) {
    // Both sides wait as one amount. Root's is put aside even when nobody could buy it.
    const both = floor(subtract(alpha, root))
    return { serverRao: both, validatorRao: 0n, rootRao: floor(root), rootRecycledRao: 0n, ownerCutRao: floor(cut) }
  }
  const sells = rootSells(pre, netuids)
  return {
    serverRao: floor(server),
    validatorRao: floor(subtract(alpha - server, root)),
    rootRao: sells ? floor(root) : 0n,
    rootRecycledRao: sells ? 0n : floor(root),
    ownerCutRao: floor(cut),
  }
}

/** Alpha that the block bought from the pool and destroyed. Newer runtimes keep it (SubnetProtocolAlpha): it only changes sides. */
function burnedPurchase(pre: ChainState, post: ChainState, netuid: number): bigint {
  if (pre.knows('SubnetProtocolAlpha')) return 0n
  return subtract(
    pre.int('SubnetAlphaIn', netuid) + post.int('SubnetAlphaInEmission', netuid),
    post.int('SubnetAlphaIn', netuid),
  )
}

/** What an epoch takes from the pendings: those before its block and what the block itself adds.
 *
 *  Where root is sold there are two, alpha and what of it was sold: the epoch divides their sum E in halves, and what was sold comes
 *  off the validators' half. */
export function drainedPendings(
  pre: ChainState,
  post: ChainState,
  netuid: number,
  netuids: readonly number[],
): Accumulation {
  const added = accumulated(pre, post, netuid, netuids)
  if (!sellsRoot(pre)) {
    return { ...sumOfPendings(storedPendings(pre, netuid), added), rootRecycledRao: added.rootRecycledRao }
  }
  const rootRao = pre.int('PendingAlphaSwapped', netuid) + added.rootRao
  const rest = pre.int('PendingEmission', netuid) + added.serverRao + added.validatorRao
  const serverRao = (rest + rootRao) / 2n
  return {
    serverRao,
    validatorRao: rest - serverRao,
    rootRao,
    ownerCutRao: pre.int('PendingOwnerCut', netuid) + added.ownerCutRao,
    rootRecycledRao: 0n,
  }
}

export function storedPendings(state: ChainState, netuid: number): Pendings {
  return {
    serverRao: state.int('PendingServerEmission', netuid),
    validatorRao: state.int('PendingValidatorEmission', netuid),
    rootRao: state.int('PendingRootAlphaDivs', netuid),
    ownerCutRao: state.int('PendingOwnerCut', netuid),
  }
}

export function sumOfPendings(a: Pendings, b: Pendings): Pendings {
  return {
    serverRao: a.serverRao + b.serverRao,
    validatorRao: a.validatorRao + b.validatorRao,
    rootRao: a.rootRao + b.rootRao,
    ownerCutRao: a.ownerCutRao + b.ownerCutRao,
  }
}
