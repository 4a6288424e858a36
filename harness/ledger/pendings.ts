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

const emits = (state: ChainState, netuid: number): boolean =>
  netuid !== 0 &&
  state.has('FirstEmissionBlockNumber', netuid) &&
  state.flag('SubtokenEnabled', netuid) &&
  state.flag('NetworkRegistrationAllowed', netuid)

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
  const cut = pre.flag('OwnerCutEnabled', netuid) ? multiply(emission, ofU16(pre.int('SubnetOwnerCut'))) : 0n
  const alpha = emission - cut

  // The root proportion is taken after this block's injection and purchase, before anything that the epoch does.
  const bought = post.int('SubnetProtocolAlpha', netuid) - pre.int('SubnetProtocolAlpha', netuid)
  const alphaIn = pre.int('SubnetAlphaIn', netuid) + post.int('SubnetAlphaInEmission', netuid) - bought
  const alphaOut = pre.int('SubnetAlphaOut', netuid) + bought + floor(emission)
  const rootWeight = multiply(fixed(pre.int('SubnetTAO', 0)), ofU64(pre.int('TaoWeight')))
  const rootProportion = divide(rootWeight, rootWeight + fixed(alphaIn + alphaOut))

  const root = multiply(multiply(rootProportion, alpha), HALF)
  const server = multiply(alpha, HALF)
  const sells = rootSells(pre, netuids)
  return {
    serverRao: floor(server),
    validatorRao: floor(subtract(alpha - server, root)),
    rootRao: sells ? floor(root) : 0n,
    rootRecycledRao: sells ? 0n : floor(root),
    ownerCutRao: floor(cut),
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
