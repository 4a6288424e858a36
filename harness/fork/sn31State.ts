import type { ForkHeader, Hex } from './forkState.js'
import { neuronOf, subnetOwner, type Neuron } from './sn31Accounts.js'
import type { Sn31Assumptions } from './sn31Assumptions.js'
import { BLOCK_SPACING, FIRST_BLOCK, NETUID, UIDS, type Sn31Data } from './sn31Data.js'
import type { StorageCodec } from './storageCodec.js'
import {
  EVEN_POOL,
  epochOutputs,
  madeUpHash,
  openStorage,
  type Put,
  putRegistration,
  putStake,
  putSystem,
  SUBTENSOR,
} from './storageParts.js'

/** The state right after the epoch before the first sample's: a whole tempo of emission precedes the first epoch. */
export const sn31Header: ForkHeader = blockAt(FIRST_BLOCK - BLOCK_SPACING)

/** The recording names no blocks: their hashes are made up. */
function blockAt(number: number): ForkHeader {
  return { number, hash: madeUpHash(`sn31/block/${number}`) }
}

/** Raw storage of the subnet as of the first sample, for the runtime whose metadata the codec reads. */
export function sn31State(
  data: Sn31Data,
  assume: Sn31Assumptions,
  codec: StorageCodec,
  wasm: Uint8Array,
): ReadonlyMap<Hex, Hex> {
  const { storage, put } = openStorage(codec, wasm)
  const putSubnet = (item: string, value: unknown) => put(SUBTENSOR, item, [NETUID], value)

  putSystem(put, codec, sn31Header, blockAt(sn31Header.number - 1).hash)
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
    putRegistration(put, NETUID, uid, block, neuron.hotkey)
    // All of a hotkey's stake is its own coldkey's.
    putStake(put, NETUID, neuron.hotkey, new Map([[neuron.coldkey, BigInt(data.stake[uid] ?? 0)]]))
  })
  putSubnet(
    'SubnetAlphaOut',
    data.stake.reduce((sum, stake) => sum + BigInt(stake), 0n),
  )
  return storage
}

/** [destination, weight] in the recorded order, explicit zeros included. */
export function weightRow(data: Sn31Data, row: number): [number, number][] {
  const [uids = [], weights = []] = data.weightRows[row] ?? []
  return uids.map((uid, index) => [uid, weights[index] ?? 0])
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
