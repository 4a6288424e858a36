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

/** Up to spec 252 every subnet emitted. One that lets nobody in emitted zero before spec 361, as SubnetAlphaOutEmission says, but its price
 *  counted; since then it does not emit. */
function isEmitter(state: ChainState, netuid: number): boolean {
  const { rules } = state
  if (netuid === 0) return false
  const hasStarted = state.has('FirstEmissionBlockNumber', netuid)
  if (sellsRoot(state)) return hasStarted || rules < 257
  return hasStarted && (rules < 361 || (state.flag('SubtokenEnabled', netuid) && isOpen(state, netuid)))
}

/** Whether somebody can be registered. */
function isOpen(state: ChainState, netuid: number): boolean {
  return (
    state.flag('NetworkRegistrationAllowed', netuid) ||
    (state.rules < 401 && state.flag('NetworkPowRegistrationAllowed', netuid))
  )
}

/** Up to spec 333 root's part of a block's alpha was sold in that block, and root was paid TAO. */
export const sellsRoot = (state: ChainState): boolean => state.knows('PendingRootDivs')

/** Up to spec 342 the alpha of miners and validators waited as one amount. */
const waitsTogether = ({ rules }: ChainState): boolean => rules < 343

/** Since spec 342 root alpha is put aside while the moving prices of all emitting subnets sum to more than one TAO; prices are compared in
 *  2^-32 TAO, a subnet without a pool counts as one. */
function rootSells(state: ChainState, netuids: readonly number[]): boolean {
  const prices = netuids
    .filter((netuid) => isEmitter(state, netuid))
    .map((netuid) => {
      if (state.int('SubnetMechanism', netuid) === 0n) return ONE
      const price = BigInt.asIntN(128, state.int('SubnetMovingPrice', netuid))
      return price > 0n ? price : 0n
    })
  return prices.reduce((sum, price) => sum + price, 0n) > ONE
}

/** What a block added to a subnet's pendings, computed from the states around it.
 *  @param netuids all subnets of the chain
 *  @param rootIsLost where it can be; see `canLoseRoot` */
export function accumulated(
  pre: ChainState,
  post: ChainState,
  netuid: number,
  netuids: readonly number[],
  rootIsLost = false,
): Accumulation {
  if (!isEmitter(pre, netuid) || !(sellsRoot(pre) || isOpen(pre, netuid))) return NOTHING
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
  const keepsRoot = pre.rules < 342 ? !rootIsLost : rootSells(pre, netuids)
  // In spec 342 what is not root's stayed with the others.
  const others = pre.rules === 342 && !keepsRoot ? alpha : subtract(alpha, root)
  return {
    ...(waitsTogether(pre)
      ? { serverRao: floor(others), validatorRao: 0n }
      : { serverRao: floor(server), validatorRao: floor(subtract(alpha - server, root)) }),
    rootRao: keepsRoot ? floor(root) : 0n,
    rootRecycledRao: keepsRoot || pre.rules < 343 ? 0n : floor(root),
    ownerCutRao: floor(cut),
  }
}

/** Whether root's part of a block's alpha may be lost without a trace: to subnets whose pool was subsidised, from spec 334 to 341. */
export const canLoseRoot = ({ rules }: Pick<ChainState, 'rules'>): boolean => rules >= 334 && rules < 342

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
 *  Up to spec 342 there are two, q for miners and validators and r for root: the epoch divides E = q + r in halves, and r comes off the
 *  validators' half. The odd rao of E is the miners' (where root is sold: the validators'). */
export function drainedPendings(
  pre: ChainState,
  post: ChainState,
  netuid: number,
  netuids: readonly number[],
  rootIsLost = false,
): Accumulation {
  const added = accumulated(pre, post, netuid, netuids, rootIsLost)
  const all = sumOfPendings(storedPendings(pre, netuid), added)
  const { rootRecycledRao } = added
  if (!waitsTogether(pre)) return { ...all, rootRecycledRao }
  const both = all.serverRao + all.validatorRao
  const half = (both + all.rootRao) / 2n
  const validatorRao = sellsRoot(pre) ? both - half : half > all.rootRao ? half - all.rootRao : 0n
  return { ...all, serverRao: both - validatorRao, validatorRao, rootRecycledRao }
}

/** Of what waits together all is the server's; of a runtime's items those count that its rules use. */
export function storedPendings(state: ChainState, netuid: number): Pendings {
  const apart = {
    serverRao: state.int('PendingServerEmission', netuid),
    validatorRao: state.int('PendingValidatorEmission', netuid),
  }
  return {
    ...(waitsTogether(state) ? { serverRao: state.int('PendingEmission', netuid), validatorRao: 0n } : apart),
    rootRao: state.int(sellsRoot(state) ? 'PendingAlphaSwapped' : 'PendingRootAlphaDivs', netuid),
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
