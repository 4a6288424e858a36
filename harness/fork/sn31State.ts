import { blake2AsHex } from '@polkadot/util-crypto'
import type { ForkHeader, Hex } from './forkState.js'
import { neuronOf, subnetOwner, type Neuron } from './sn31Accounts.js'
import type { Sn31Assumptions } from './sn31Assumptions.js'
import { BLOCK_SPACING, FIRST_BLOCK, NETUID, UIDS, type Sn31Data } from './sn31Data.js'
import type { StorageCodec } from './storageCodec.js'

const SUBTENSOR = 'SubtensorModule'
/** Weight of the TAO side of a pool, parts of 1e18: what the chain takes a pool without one to have. */
const EVEN_POOL = { quote: 500_000_000_000_000_000n }
/** `:code` */
const CODE_KEY: Hex = '0x3a636f6465'

/** The state right after the epoch before the first sample's: a whole tempo of emission precedes the first epoch. */
export const sn31Header: ForkHeader = blockAt(FIRST_BLOCK - BLOCK_SPACING)

/** The recording names no blocks: their hashes are made up. */
function blockAt(number: number): ForkHeader {
  return { number, hash: blake2AsHex(`epochdiff/sn31/block/${number}`, 256) }
}

/** Raw storage of the subnet as of the first sample, for the runtime whose metadata the codec reads. */
export function sn31State(
  data: Sn31Data,
  assume: Sn31Assumptions,
  codec: StorageCodec,
  wasm: Uint8Array,
): ReadonlyMap<Hex, Hex> {
  const storage = new Map<Hex, Hex>()
  const put = (pallet: string, item: string, args: readonly unknown[], value: unknown) =>
    storage.set(codec.key(pallet, item, ...args), codec.encode(pallet, item, value))
  const putSubnet = (item: string, value: unknown) => put(SUBTENSOR, item, [NETUID], value)

  storage.set(CODE_KEY, `0x${Buffer.from(wasm).toString('hex')}`)
  putSystem(put, codec)
  putParameters(put, assume)

  putSubnet('NetworksAdded', true)
  putSubnet('SubnetworkN', UIDS)
  putSubnet('LastEpochBlock', sn31Header.number)
  putSubnet('LastMechansimStepBlock', sn31Header.number)
  putSubnet('LastUpdate', data.lastUpdate[0])
  const permitted = new Set(data.validatorPermit[0])
  putSubnet(
    'ValidatorPermit',
    Array.from({ length: UIDS }, (_, uid) => permitted.has(uid)),
  )
  for (const { item, zero } of epochOutputs)
    putSubnet(
      item,
      Array.from({ length: UIDS }, () => zero),
    )
  for (const [validator, row] of data.weights[0] ?? []) {
    put(SUBTENSOR, 'Weights', [NETUID, validator], weightRow(data, row))
  }

  const owner = subnetOwner()
  putSubnet('SubnetOwner', owner.coldkey)
  putSubnet('SubnetOwnerHotkey', owner.hotkey)
  putAccounts(put, owner, assume.delegateTake)
  data.registrationBlock[0]?.forEach((block, uid) => {
    const neuron = neuronOf(uid, block)
    putAccounts(put, neuron, assume.delegateTake)
    putRegistration(put, uid, block, neuron)
    putStake(put, neuron, BigInt(data.stake[uid] ?? 0))
  })
  putSubnet(
    'SubnetAlphaOut',
    data.stake.reduce((sum, stake) => sum + BigInt(stake), 0n),
  )
  return storage
}

/** What the runtime calls itself: its metadata's `System.Version`. */
export function runtimeVersion(codec: StorageCodec): RuntimeVersion {
  return codec.constant('System', 'Version') as RuntimeVersion
}

interface RuntimeVersion {
  readonly spec_name: string
  readonly impl_name: string
  readonly spec_version: number
}

export type Put = (pallet: string, item: string, args: readonly unknown[], value: unknown) => void

/** Vectors by uid that an epoch writes and a replacement of the uid clears. Before the first epoch they are not recorded: zero.
 *  (ValidatorPermit is one of them, but its first value is recorded.) */
export const epochOutputs = [
  { item: 'Active', zero: false, elementBytes: 1 },
  { item: 'Emission', zero: 0, elementBytes: 8 },
  { item: 'Consensus', zero: 0, elementBytes: 2 },
  { item: 'Incentive', zero: 0, elementBytes: 2 },
  { item: 'Dividends', zero: 0, elementBytes: 2 },
  { item: 'ValidatorTrust', zero: 0, elementBytes: 2 },
  { item: 'StakeWeight', zero: 0, elementBytes: 2 },
] as const

/** [destination, weight] in the recorded order, explicit zeros included. */
export function weightRow(data: Sn31Data, row: number): [number, number][] {
  const [uids = [], weights = []] = data.weightRows[row] ?? []
  return uids.map((uid, index) => [uid, weights[index] ?? 0])
}

function putSystem(put: Put, codec: StorageCodec): void {
  const parent = blockAt(sn31Header.number - 1)
  put('System', 'Number', [], sn31Header.number)
  put('System', 'ParentHash', [], parent.hash)
  put('System', 'BlockHash', [parent.number], parent.hash)
  // Without it the first block would run the runtime's migrations.
  const { spec_name, spec_version } = runtimeVersion(codec)
  put('System', 'LastRuntimeUpgrade', [], { spec_name, spec_version })
}

function putParameters(put: Put, assume: Sn31Assumptions): void {
  put(SUBTENSOR, 'StakeThreshold', [], assume.stakeThreshold)
  put(SUBTENSOR, 'SubnetOwnerCut', [], assume.subnetOwnerCut)
  put(SUBTENSOR, 'TaoWeight', [], BigInt(assume.taoWeight))
  const bySubnet: Readonly<Record<string, unknown>> = {
    Tempo: assume.tempo,
    MaxAllowedValidators: assume.maxAllowedValidators,
    ActivityCutoffFactorMilli: assume.activityCutoffFactorMilli,
    Kappa: assume.kappa,
    BondsMovingAverage: assume.bondsMovingAverage,
    BondsPenalty: assume.bondsPenalty,
    Yuma3On: assume.yuma3On,
    LiquidAlphaOn: assume.liquidAlphaOn,
    AlphaValues: assume.alphaValues,
    AlphaSigmoidSteepness: assume.alphaSigmoidSteepness,
    CommitRevealWeightsEnabled: assume.commitRevealWeightsEnabled,
    OwnerCutEnabled: assume.ownerCutEnabled,
    NetworkRegisteredAt: assume.networkRegisteredAt,
    FirstEmissionBlockNumber: assume.networkRegisteredAt,
    SubtokenEnabled: true,
    NetworkRegistrationAllowed: true,
    // No pool is recorded. Price 1 and no TAO for it: alpha is emitted, and nothing is injected or bought.
    SubnetMechanism: 0,
    SubnetEmissionEnabled: false,
    SubnetMovingPrice: 1n << 32n,
    RootProp: 0,
    MechanismCountCurrent: 1,
  }
  for (const [item, value] of Object.entries(bySubnet)) put(SUBTENSOR, item, [NETUID], value)
  put('Swap', 'SwapBalancer', [NETUID], EVEN_POOL)
  // TAO is minted and burned within each block. Written out, so that no block is the first to write them.
  put(SUBTENSOR, 'TotalIssuance', [], 0)
  put('Balances', 'TotalIssuance', [], 0)
}

/** A hotkey and the coldkey that owns it, as the chain creates them. */
export function putAccounts(put: Put, { hotkey, coldkey }: Neuron, delegateTake: number): void {
  put(SUBTENSOR, 'Owner', [hotkey], coldkey)
  put(SUBTENSOR, 'OwnedHotkeys', [coldkey], [hotkey])
  put(SUBTENSOR, 'StakingHotkeys', [coldkey], [hotkey])
  put(SUBTENSOR, 'Delegates', [hotkey], delegateTake)
}

export function putRegistration(put: Put, uid: number, block: number, { hotkey }: Neuron): void {
  put(SUBTENSOR, 'Keys', [NETUID, uid], hotkey)
  put(SUBTENSOR, 'Uids', [NETUID, hotkey], uid)
  put(SUBTENSOR, 'IsNetworkMember', [hotkey, NETUID], true)
  put(SUBTENSOR, 'BlockAtRegistration', [NETUID, uid], block)
}

/** All of a hotkey's stake is its own coldkey's: as many shares as rao. */
function putStake(put: Put, { hotkey, coldkey }: Neuron, stakeRao: bigint): void {
  if (stakeRao === 0n) return
  const shares = safeFloat(stakeRao)
  put(SUBTENSOR, 'TotalHotkeyAlpha', [hotkey, NETUID], stakeRao)
  put(SUBTENSOR, 'TotalHotkeySharesV2', [hotkey, NETUID], shares)
  put(SUBTENSOR, 'AlphaV2', [hotkey, coldkey, NETUID], shares)
}

/** The chain's canonical form of a positive integer: mantissa * 10^exponent with 1e20 < mantissa <= 1e21. */
function safeFloat(integer: bigint): { mantissa: bigint; exponent: number } {
  let [mantissa, exponent] = [integer, 0]
  for (; mantissa <= 10n ** 20n; exponent -= 1) mantissa *= 10n
  return { mantissa, exponent }
}
