import { payoutUnexplained } from '../errors/replay.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { chainState, type ChainState } from './chainState.js'
import { epochVectors } from './epochVectors.js'
import { fixed, floor, multiply, ofU16 } from './fixedPoint.js'
import type { Ledger, RewardEntry } from './ledger.js'
import { type SubnetUids, subnetUids } from './subnetUids.js'
import { taoTotals } from './taoTotals.js'

/** Whose a hotkey's dividends are until they are divided: of no wallet yet. */
export const undivided = (hotkey: string): string => `not yet divided: ${hotkey}`

/** Whether a ledger's coldkey stands for a hotkey's dividends that no wallet has yet. */
export const isUndivided = (coldkey: string): boolean => coldkey.startsWith(undivided(''))

/** A note for the list of what was mocked. */
export const GATHERED =
  'The chain is older than dynamic TAO: rewards are TAO, gathered by hotkey over all subnets and staked once a day. An epoch tells what each hotkey earned, not which wallets will get its dividends: these are listed as "not yet divided", each hotkey\'s as one holder. Owners get their cut as free balance. In a jump, payments of skipped blocks are not made.'

/** What an epoch added to a hotkey's sum. */
interface Gathered {
  readonly allRao: bigint
  /** What its owner will get undivided: incentive and childkey take. */
  readonly ownersRao: bigint
}

/** The ledger of one epoch of specs 210 to 219, exact to the rao but for the division of childkey take and incentive (a few rao).
 *
 *  The epoch adds to `PendingdHotkeyEmission` of a hotkey, over all subnets, what it earned, and to its "untouchable" part what
 *  goes to its owner alone: the incentive and the take on its parents' dividends. The rest, its own and its children's dividends, is divided when the sum is staked,
 *  once in `HotkeyEmissionTempo` + 1 blocks: by whom is not known at the epoch. The subnet's owner gets a cut of what is drained at once.
 *  @throws E511 when a hotkey's sum grew by what no epoch of the block explains, or by two epochs' rewards at once, or was staked in the
 *  same block so that its parts cannot be told */
export function readGatheredEpoch(codec: StorageCodec, record: EpochRecord): Ledger {
  const { epoch, netuid, block } = record
  const [pre, post] = [chainState(codec, record.pre), chainState(codec, record.post)]
  const uids = subnetUids(post, netuid)
  const refuse = (account: string, reason: string) => payoutUnexplained({ netuid, block, account, reason })
  const paidFor = pre.netuids().filter((other) => isPaid(post, other))
  const others = new Set(paidFor.filter((other) => other !== netuid).flatMap((other) => [...earners(post, other)]))
  const own = isPaid(post, netuid) ? earners(post, netuid) : new Set<string>()

  const pendingRao =
    pre.int('PendingEmission', netuid) + (isPaid(post, netuid) ? post.int('EmissionValues', netuid) : 0n)
  const owner = own.size > 0 && post.has('SubnetOwner', netuid) ? post.account('SubnetOwner', netuid) : undefined
  const ownerCutRao = owner === undefined ? 0n : floor(multiply(fixed(pendingRao), ofU16(post.int('SubnetOwnerCut'))))
  const epochRao = pendingRao - ownerCutRao

  const entries: RewardEntry[] = []
  const pay = (hotkey: string, coldkey: string, role: RewardEntry['role'], alphaRao: bigint) => {
    if (alphaRao > 0n) entries.push({ epoch, netuid, uid: uids.uidOf.get(hotkey), hotkey, coldkey, role, alphaRao })
  }
  for (const hotkey of new Set([...gatheringHotkeys(codec, pre), ...gatheringHotkeys(codec, post)])) {
    const stakedRao =
      post.int('LastHotkeyEmissionDrain', hotkey) === BigInt(block) ? grown(pre, post, 'TotalHotkeyStake', hotkey) : 0n
    const allRao = grown(pre, post, 'PendingdHotkeyEmission', hotkey) + stakedRao
    if (allRao === 0n) continue
    if (!own.has(hotkey)) {
      if (others.has(hotkey)) continue
      throw refuse(hotkey, `${allRao} rao were added to its sum, and it earns on no subnet that had an epoch`)
    }
    if (others.has(hotkey)) throw refuse(hotkey, 'it earns on two subnets whose epochs were in this block')
    const ownersRao =
      stakedRao === 0n
        ? grown(pre, post, 'PendingdHotkeyEmissionUntouchable', hotkey)
        : ownersOfStaked(post, netuid, uids, hotkey, allRao)
    if (ownersRao === undefined)
      throw refuse(hotkey, 'it earned as miner and as validator, and all it had was staked in this block')
    const minerRao = incentive(post, netuid, uids, hotkey, { allRao, ownersRao })
    if (minerRao === undefined)
      throw refuse(hotkey, "its incentive cannot be told from its take on its parents' dividends")
    const account = post.account('Owner', hotkey)
    pay(hotkey, account, 'miner', minerRao)
    pay(hotkey, account, 'validator', ownersRao - minerRao)
    pay(hotkey, undivided(hotkey), 'validator', allRao - ownersRao)
  }
  if (owner !== undefined) pay(owner, owner, 'owner', ownerCutRao)

  const totals = taoTotals(record, { epochRao, ownerCutRao, uids: uids.hotkeys.length, entries })
  return { entries, totals: [totals], vectors: [epochVectors(pre, post, netuid, epoch, uids)] }
}

const grown = (pre: ChainState, post: ChainState, item: string, hotkey: string): bigint =>
  post.int(item, hotkey) - pre.int(item, hotkey)

/** Whether the subnet had an epoch in the block that pays: one that lets nobody in emits and pays nothing. */
const isPaid = (post: ChainState, netuid: number): boolean =>
  post.int('BlocksSinceLastStep', netuid) === 0n && post.flag('NetworkRegistrationAllowed', netuid)

function gatheringHotkeys(codec: StorageCodec, { entries }: ChainState): string[] {
  const path = ['SubtensorModule', 'PendingdHotkeyEmission'] as const
  const prefix = codec.prefix(...path)
  return [...entries.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => String(codec.decodeKey(...path, key)[0]))
}

const relatives = (state: ChainState, item: string, hotkey: string, netuid: number): string[] =>
  (state.list(item, hotkey, netuid) as readonly (readonly [bigint, string])[]).map(([, relative]) => String(relative))

/** Whom an epoch of the subnet may pay: hotkeys with a uid, and their parents. */
function earners(state: ChainState, netuid: number): ReadonlySet<string> {
  const { hotkeys } = subnetUids(state, netuid)
  return new Set([...hotkeys, ...hotkeys.flatMap((hotkey) => relatives(state, 'ParentKeys', hotkey, netuid))])
}

/** What of a hotkey's rewards is its owner's when all it had was staked in the block: all of a miner without a permit and without children's dividends; nothing of one
 *  without incentive (its stored share is zero: at most 1 / 131,070 of the epoch). `undefined`: it cannot be told. */
function ownersOfStaked(
  post: ChainState,
  netuid: number,
  uids: SubnetUids,
  hotkey: string,
  allRao: bigint,
): bigint | undefined {
  const uid = uids.uidOf.get(hotkey)
  if (uid === undefined) return 0n
  const position = uids.hotkeys.indexOf(hotkey)
  const takes =
    relatives(post, 'ParentKeys', hotkey, netuid).length > 0 && post.int('ChildkeyTake', hotkey, netuid) > 0n
  if (takes) return undefined
  if (
    post.list('ValidatorPermit', netuid)[position] !== true &&
    relatives(post, 'ChildKeys', hotkey, netuid).length === 0
  )
    return allRao
  return hasIncentive(post, netuid, position) ? undefined : 0n
}

const hasIncentive = (post: ChainState, netuid: number, position: number): boolean =>
  Number(post.list('Incentive', netuid)[position] ?? 0) > 0

/** The incentive in what the owner gets alone. A child took t of its parents' dividends: of all it was computed, `Emission` = incentive m + dividends v,
 *  it kept v less its parents' part p, and the owner gets m + t p.
 *  @returns `undefined` where that does not tell it: what a child got of children of its own is in what it kept */
function incentive(
  post: ChainState,
  netuid: number,
  uids: SubnetUids,
  hotkey: string,
  { allRao, ownersRao }: Gathered,
): bigint | undefined {
  const take = post.int('ChildkeyTake', hotkey, netuid)
  const parents = relatives(post, 'ParentKeys', hotkey, netuid).length
  if (ownersRao === 0n || take === 0n || parents === 0) return ownersRao
  const position = uids.hotkeys.indexOf(hotkey)
  if (relatives(post, 'ChildKeys', hotkey, netuid).length > 0)
    return hasIncentive(post, netuid, position) ? undefined : 0n
  const computedRao = BigInt(String(post.list('Emission', netuid)[position] ?? 0))
  const keptRao = allRao - ownersRao
  // m = (owner's - t (computed - kept)) / (1 - t), in parts of the largest u16
  const minerRao = (65_535n * ownersRao - take * (computedRao - keptRao)) / (65_535n - take)
  // Each amount and each parent's take is rounded down.
  const playRao = BigInt(parents) + 4n
  if (minerRao < -playRao || minerRao > ownersRao + playRao) return undefined
  return minerRao < 0n ? 0n : minerRao > ownersRao ? ownersRao : minerRao
}
