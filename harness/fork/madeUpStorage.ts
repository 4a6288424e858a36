import type { Hex } from './forkState.js'
import type { MadeUpChain, MadeUpSubnet, Stake } from './madeUpChain.js'
import type { StorageCodec } from './storageCodec.js'
import {
  EVEN_POOL,
  epochOutputs,
  openStorage,
  type Put,
  putRegistration,
  putStake,
  putSystem,
  SUBTENSOR,
} from './storageParts.js'

const ROOT = 0
const U64_MAX = (1n << 64n) - 1n
/** What a subnet emits a block before its first halving. */
const ALPHA_RAO_A_BLOCK = 1_000_000_000n
/** AccountData.flags of an account that has the frame's present layout. */
const NEW_LAYOUT = 1n << 127n

/** A made-up chain as raw storage whose parts agree: what is not drawn follows from what is.
 *  - SubnetAlphaOut = sum of TotalHotkeyAlpha + the four pendings; of root the sum of the root stakes, which is SubnetTAO too;
 *  - TotalStake = sum of SubnetTAO, and each subnet's account holds its SubnetTAO;
 *  - TotalIssuance, here and of Balances = sum of all balances; TotalAlphaIssuance = SubnetAlphaIn + SubnetAlphaOut.
 *  @throws E202 when the runtime lacks an item that the state needs */
export function madeUpStorage(chain: MadeUpChain, codec: StorageCodec, wasm: Uint8Array): ReadonlyMap<Hex, Hex> {
  const { storage, put } = openStorage(codec, wasm)
  putSystem(put, codec, chain.head, chain.parentHash)

  const rootRao = sum(chain.stakes.filter(({ netuid }) => netuid === ROOT).map(({ rao }) => rao))
  const stakedRao = new Map<number, bigint>()
  for (const { netuid, rao } of chain.stakes) stakedRao.set(netuid, (stakedRao.get(netuid) ?? 0n) + rao)

  const coldkeys = putAccounts(put, chain)
  putStakes(put, chain.stakes)
  for (const subnet of chain.subnets) {
    putSubnet(put, chain, subnet)
    putPool(put, chain, subnet, stakedRao.get(subnet.netuid) ?? 0n, rootRao)
  }
  put(SUBTENSOR, 'NetworksAdded', [ROOT], true)
  put(SUBTENSOR, 'SubnetTAO', [ROOT], rootRao)
  put(SUBTENSOR, 'SubnetAlphaOut', [ROOT], rootRao)

  putClaims(put, chain)
  const poolsRao = rootRao + sum(chain.subnets.map(({ pool }) => pool.taoRao))
  const issuedRao = poolsRao + chain.freeRao * BigInt(coldkeys.size)
  for (const coldkey of coldkeys) putBalance(put, coldkey, chain.freeRao)
  putBalance(put, subnetAccount(ROOT), rootRao)
  for (const { netuid, pool } of chain.subnets) putBalance(put, subnetAccount(netuid), pool.taoRao)
  put(SUBTENSOR, 'TotalStake', [], poolsRao)
  put(SUBTENSOR, 'TotalIssuance', [], issuedRao)
  put('Balances', 'TotalIssuance', [], issuedRao)
  put(SUBTENSOR, 'TaoWeight', [], chain.taoWeight)
  put(SUBTENSOR, 'StakeThreshold', [], chain.stakeThresholdRao)
  put(SUBTENSOR, 'SubnetOwnerCut', [], chain.ownerCut)
  return storage
}

/** Hotkeys with their owners, and what each coldkey owns and stakes to.
 *  @returns every coldkey of the chain */
function putAccounts(put: Put, { hotkeys, stakes, subnets }: MadeUpChain): ReadonlySet<Hex> {
  const owned = new Map<Hex, Set<Hex>>()
  const staking = new Map<Hex, Set<Hex>>()
  const add = (to: Map<Hex, Set<Hex>>, coldkey: Hex, hotkey: Hex) => {
    const known = to.get(coldkey)
    if (known === undefined) to.set(coldkey, new Set([hotkey]))
    else known.add(hotkey)
  }
  for (const [hotkey, { coldkey, take }] of hotkeys) {
    put(SUBTENSOR, 'Owner', [hotkey], coldkey)
    put(SUBTENSOR, 'Delegates', [hotkey], take)
    add(owned, coldkey, hotkey)
    add(staking, coldkey, hotkey)
  }
  for (const { coldkey, hotkey } of stakes) add(staking, coldkey, hotkey)
  for (const [coldkey, list] of owned) put(SUBTENSOR, 'OwnedHotkeys', [coldkey], [...list])
  for (const [coldkey, list] of staking) put(SUBTENSOR, 'StakingHotkeys', [coldkey], [...list])
  return new Set([...staking.keys(), ...subnets.map(({ owner }) => owner.coldkey)])
}

function putStakes(put: Put, stakes: readonly Stake[]): void {
  const pools = new Map<string, { netuid: number; hotkey: Hex; holders: Map<Hex, bigint> }>()
  for (const { netuid, hotkey, coldkey, rao } of stakes) {
    const name = `${netuid} ${hotkey}`
    const pool = pools.get(name) ?? { netuid, hotkey, holders: new Map<Hex, bigint>() }
    pools.set(name, pool)
    pool.holders.set(coldkey, rao)
  }
  for (const { netuid, hotkey, holders } of pools.values()) putStake(put, netuid, hotkey, holders)
}

function putSubnet(put: Put, { head }: MadeUpChain, subnet: MadeUpSubnet): void {
  const { netuid, tempo, lastEpochBlock, registeredAt, owner, uids, weights } = subnet
  const values: Readonly<Record<string, unknown>> = {
    NetworksAdded: true,
    SubnetworkN: uids.length,
    Tempo: tempo,
    LastEpochBlock: lastEpochBlock,
    LastMechansimStepBlock: lastEpochBlock,
    BlocksSinceLastStep: head.number - lastEpochBlock,
    SubnetEpochIndex: Math.floor((lastEpochBlock - registeredAt) / tempo),
    NetworkRegisteredAt: registeredAt,
    FirstEmissionBlockNumber: registeredAt,
    SubtokenEnabled: true,
    NetworkRegistrationAllowed: true,
    // Weights count as they stand: none are committed.
    CommitRevealWeightsEnabled: false,
    SubnetOwner: owner.coldkey,
    SubnetOwnerHotkey: owner.hotkey,
    MechanismCountCurrent: weights.length,
    ValidatorPermit: uids.map(({ permitted }) => permitted),
    ...subnet.parameters,
  }
  for (const [item, value] of Object.entries(values)) put(SUBTENSOR, item, [netuid], value)
  // Before the first epoch nobody has earned anything.
  for (const { item, zero } of epochOutputs)
    put(
      SUBTENSOR,
      item,
      [netuid],
      uids.map(() => zero),
    )
  uids.forEach(({ hotkey, registeredAt: block }, uid) => putRegistration(put, netuid, uid, block, hotkey))
  weights.forEach((rows, mechanism) => {
    const index = netuid + 4096 * mechanism
    put(
      SUBTENSOR,
      'LastUpdate',
      [index],
      uids.map(({ lastUpdate }) => lastUpdate),
    )
    put(
      SUBTENSOR,
      'Incentive',
      [index],
      uids.map(() => 0),
    )
    for (const [uid, row] of rows) put(SUBTENSOR, 'Weights', [index, uid], row)
  })
  putChildren(put, subnet)
  for (const [hotkey, take] of subnet.childkeyTakes) put(SUBTENSOR, 'ChildkeyTake', [hotkey, netuid], take)
  for (const [coldkey, hotkey] of subnet.autoStakes) put(SUBTENSOR, 'AutoStakeDestination', [coldkey, netuid], hotkey)
}

function putChildren(put: Put, { netuid, children }: MadeUpSubnet): void {
  const by = (key: 'parent' | 'child', other: 'parent' | 'child') => {
    const lists = new Map<Hex, [bigint, Hex][]>()
    for (const link of children) {
      lists.set(link[key], [...(lists.get(link[key]) ?? []), [link.proportion, link[other]]])
    }
    return lists
  }
  // The chain keeps a parent's children in the order of their accounts.
  const sorted = (list: [bigint, Hex][]) => [...list].sort(([, a], [, b]) => (a < b ? -1 : 1))
  for (const [parent, list] of by('parent', 'child')) put(SUBTENSOR, 'ChildKeys', [parent, netuid], sorted(list))
  for (const [child, list] of by('child', 'parent')) put(SUBTENSOR, 'ParentKeys', [child, netuid], list)
}

function putPool(put: Put, chain: MadeUpChain, subnet: MadeUpSubnet, stakedRao: bigint, rootRao: bigint): void {
  const { netuid, pool } = subnet
  const pending = pendings(chain, subnet, stakedRao, rootRao)
  const alphaOutRao = stakedRao + sum(Object.values(pending))
  const values: Readonly<Record<string, unknown>> = {
    SubnetMechanism: 1,
    SubnetMovingPrice: pool.movingPriceBits,
    SubnetTAO: pool.taoRao,
    SubnetAlphaIn: pool.alphaRao,
    SubnetAlphaOut: alphaOutRao,
    ...pending,
  }
  for (const [item, value] of Object.entries(values)) put(SUBTENSOR, item, [netuid], value)
  put('Swap', 'SwapBalancer', [netuid], EVEN_POOL)
  put('Swap', 'PalSwapInitialized', [netuid], true)
  put('AlphaAssets', 'TotalAlphaIssuance', [netuid], pool.alphaRao + alphaOutRao)
}

/** What the blocks since the last epoch put aside, as if the root proportion had been today's in all of them. */
function pendings(
  { head, ownerCut, taoWeight }: MadeUpChain,
  { lastEpochBlock, pool }: MadeUpSubnet,
  stakedRao: bigint,
  rootRao: bigint,
): Readonly<Record<string, bigint>> {
  const blocks = BigInt(head.number - lastEpochBlock)
  const owner = (ALPHA_RAO_A_BLOCK * BigInt(ownerCut)) / 65_535n
  const alpha = ALPHA_RAO_A_BLOCK - owner
  const weighted = (rootRao * taoWeight) / U64_MAX
  const root = (alpha * weighted) / (2n * (weighted + pool.alphaRao + stakedRao))
  return {
    PendingOwnerCut: blocks * owner,
    PendingServerEmission: blocks * (alpha / 2n),
    PendingValidatorEmission: blocks * (alpha - alpha / 2n - root),
    PendingRootAlphaDivs: blocks * root,
  }
}

/** Who is drawn for automatic root claims: every coldkey with root stake, in the order of accounts. */
function putClaims(put: Put, { stakes, keepsClaims }: MadeUpChain): void {
  const coldkeys = [...new Set(stakes.filter(({ netuid }) => netuid === ROOT).map(({ coldkey }) => coldkey))].sort()
  coldkeys.forEach((coldkey, index) => {
    put(SUBTENSOR, 'StakingColdkeysByIndex', [index], coldkey)
    put(SUBTENSOR, 'StakingColdkeys', [coldkey], index)
  })
  put(SUBTENSOR, 'NumStakingColdkeys', [], coldkeys.length)
  for (const coldkey of keepsClaims) put(SUBTENSOR, 'RootClaimType', [coldkey], 'Keep')
}

function putBalance(put: Put, account: Hex, free: bigint): void {
  const data = { free, reserved: 0n, frozen: 0n, flags: NEW_LAYOUT }
  put('System', 'Account', [account], { nonce: 0, consumers: 0, providers: 1, sufficients: 0, data })
}

/** "modlsubtensr", the netuid little-endian, zeros. */
function subnetAccount(netuid: number): Hex {
  const account = Buffer.alloc(32)
  account.write('modlsubtensr')
  account.writeUInt16LE(netuid, 12)
  return `0x${account.toString('hex')}`
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, rao) => total + rao, 0n)
