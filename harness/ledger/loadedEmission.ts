import { payoutUnexplained } from '../errors/replay.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import type { Emissions } from '../replay/laterPayment.js'
import { chainState, littleEndian, type ChainState } from './chainState.js'
import { epochVectors } from './epochVectors.js'
import { fixed, floor } from './fixedPoint.js'
import type { Ledger, RewardEntry, Role } from './ledger.js'
import { merged, type Payout } from './payouts.js'
import { subnetUids } from './subnetUids.js'
import { taoTotals } from './taoTotals.js'

/** A note for the list of what was mocked. */
export const BEFORE_DYNAMIC_TAO =
  'The chain is older than dynamic TAO: stakes and rewards are TAO, not alpha. What an epoch pays is staked by the next block; owners get their cut of every block as free balance, listed under their coldkey from the first replayed block on.'

type Pay = (hotkey: string, coldkey: string, role: Role, rao: bigint) => void

/** The ledger of one epoch before dynamic TAO (specs 143 to 194), exact to the rao.
 *
 *  The epoch loads what each hotkey is to get as miner and as validator (LoadedEmission). The next block pays it: all of it to the hotkey's
 *  owner, or of a delegate's validator part the take to the owner and the rest by stake, rounded down, what is left over to the owner.
 *  That is computed here for every subnet that is paid in that block, in its order, and each stake of the chain must have grown by just that.
 *  @throws E511 when one did not */
export function readLoadedEpoch(codec: StorageCodec, record: EpochRecord): Ledger {
  const { epoch, netuid, block, settled, emissions } = record
  if (settled === undefined || emissions === undefined) throw new Error('The epoch was not followed to its payment.')
  const [pre, post] = [chainState(codec, record.pre), chainState(codec, record.post)]
  const uids = subnetUids(post, netuid)
  const payments = paymentsOf(codec, post)
  requireGrowth({ codec, netuid, block, before: record.post, after: settled, payments })

  const owner = post.has('SubnetOwner', netuid) ? post.account('SubnetOwner', netuid) : undefined
  const ownerCutRao = owner === undefined ? 0n : cutsRao(post, emissions)
  const entries: RewardEntry[] = merged(payments.get(netuid) ?? []).map((payment) => {
    return { epoch, netuid, uid: uids.uidOf.get(payment.hotkey), ...payment }
  })
  if (owner !== undefined && ownerCutRao > 0n) {
    entries.push({ epoch, netuid, uid: undefined, hotkey: owner, coldkey: owner, role: 'owner', alphaRao: ownerCutRao })
  }

  const emittedRao = post.int('EmissionValues', netuid)
  const ownRao = owner === undefined ? emittedRao : floor(fixed(emittedRao) - cutBits(post, emittedRao))
  const epochRao = pre.int('PendingEmission', netuid) + ownRao
  const totals = taoTotals(record, { epochRao, ownerCutRao, uids: uids.hotkeys.length, entries })
  return { entries, totals: [totals], vectors: [epochVectors(pre, post, netuid, epoch, uids)] }
}

/** I96F32 bits of an owner's cut of a block's emission. */
const cutBits = (state: ChainState, emittedRao: bigint): bigint =>
  fixed(emittedRao * state.int('SubnetOwnerCut')) / 65_535n

const cutsRao = (state: ChainState, emissions: Emissions): bigint =>
  [...emissions].reduce((sum, [rao, blocks]) => sum + floor(cutBits(state, rao)) * BigInt(blocks), 0n)

/** What the next block pays, by subnet. */
function paymentsOf(codec: StorageCodec, state: ChainState): ReadonlyMap<number, readonly Payout[]> {
  const stakes = stakesOf(codec, state.entries)
  const payments = new Map<number, readonly Payout[]>()
  for (const netuid of state.netuids()) {
    const paid: Payout[] = []
    const pay: Pay = (hotkey, coldkey, role, alphaRao) => {
      const own = stakes.get(hotkey) ?? new Map<string, bigint>()
      stakes.set(hotkey, own.set(coldkey, (own.get(coldkey) ?? 0n) + alphaRao))
      if (alphaRao > 0n) paid.push({ hotkey, coldkey, role, alphaRao })
    }
    const loaded = state.list('LoadedEmission', netuid) as readonly (readonly [string, bigint, bigint])[]
    for (const [hotkey, minerRao, validatorRao] of loaded) {
      payHotkey(state, stakes.get(hotkey) ?? new Map(), hotkey, minerRao, validatorRao, pay)
    }
    payments.set(netuid, paid)
  }
  return payments
}

function payHotkey(
  state: ChainState,
  stakes: ReadonlyMap<string, bigint>,
  hotkey: string,
  minerRao: bigint,
  validatorRao: bigint,
  pay: Pay,
): void {
  const owner = state.account('Owner', hotkey)
  let left = validatorRao
  if (state.has('Delegates', hotkey)) {
    const takeRao = (((state.int('Delegates', hotkey) << 64n) / 65_535n) * validatorRao) >> 64n
    const restRao = validatorRao - takeRao
    const total = [...stakes.values()].reduce((sum, rao) => sum + rao, 0n)
    for (const [coldkey, stake] of [...stakes]) {
      const rao = total === 0n ? 0n : (restRao * ((stake << 64n) / total)) >> 64n
      pay(hotkey, coldkey, coldkey === owner ? 'validator' : 'nominator', rao)
      left -= rao
    }
  }
  pay(hotkey, owner, 'validator', left)
  pay(hotkey, owner, 'miner', minerRao)
}

type Stakes = Map<string, Map<string, bigint>>

function stakesOf(codec: StorageCodec, entries: ReadonlyMap<Hex, Hex>): Stakes {
  const prefix = codec.prefix('SubtensorModule', 'Stake')
  const stakes: Stakes = new Map()
  for (const [key, value] of entries) {
    if (!key.startsWith(prefix)) continue
    const [hotkey, coldkey] = codec.decodeKey('SubtensorModule', 'Stake', key).map(String)
    if (hotkey === undefined || coldkey === undefined) continue
    const own = stakes.get(hotkey) ?? new Map<string, bigint>()
    stakes.set(hotkey, own.set(coldkey, littleEndian(value)))
  }
  return stakes
}

/** Every stake of the chain grew by what was paid to it and by nothing else. */
function requireGrowth(input: {
  readonly codec: StorageCodec
  readonly netuid: number
  readonly block: number
  readonly before: ReadonlyMap<Hex, Hex>
  readonly after: ReadonlyMap<Hex, Hex>
  readonly payments: ReadonlyMap<number, readonly Payout[]>
}): void {
  const { codec, netuid, block } = input
  const [before, after] = [stakesOf(codec, input.before), stakesOf(codec, input.after)]
  const expected: Stakes = new Map()
  for (const { hotkey, coldkey, alphaRao } of [...input.payments.values()].flat()) {
    const own = expected.get(hotkey) ?? new Map<string, bigint>()
    expected.set(hotkey, own.set(coldkey, (own.get(coldkey) ?? 0n) + alphaRao))
  }
  for (const hotkey of new Set([...before.keys(), ...after.keys(), ...expected.keys()])) {
    const [earlier, later, paid] = [before, after, expected].map(
      (stakes) => stakes.get(hotkey) ?? new Map<string, bigint>(),
    )
    for (const coldkey of new Set([...(earlier?.keys() ?? []), ...(later?.keys() ?? []), ...(paid?.keys() ?? [])])) {
      const grown = (later?.get(coldkey) ?? 0n) - (earlier?.get(coldkey) ?? 0n)
      const due = paid?.get(coldkey) ?? 0n
      if (grown === due) continue
      const reason = `the stake of ${coldkey} grew by ${grown} rao where ${due} were loaded for it`
      throw payoutUnexplained({ netuid, block: block + 1, account: hotkey, reason })
    }
  }
}
