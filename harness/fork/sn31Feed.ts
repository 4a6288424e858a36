import { encodeAddress } from './polkadotPackages.js'
import type { Feed, FeedStep, FeedWrite } from './feed.js'
import { neuronOf } from './sn31Accounts.js'
import type { Sn31Assumptions } from './sn31Assumptions.js'
import { NETUID, type Sn31Data } from './sn31Data.js'
import { putAccounts, weightRow } from './sn31State.js'
import type { StorageCodec } from './storageCodec.js'
import { epochOutputs, type Put, putRegistration, SUBTENSOR } from './storageParts.js'

/** One step a sample: who took over which uid since the sample before, then that sample's weight rows and last updates.
 *  @param epochs how many steps, 1 to 100 */
export function sn31Feed(data: Sn31Data, assume: Sn31Assumptions, codec: StorageCodec, epochs: number): Feed {
  return { steps: data.blocks.slice(0, epochs).map((block, sample) => feedStep(data, assume, codec, block, sample)) }
}

function feedStep(
  data: Sn31Data,
  assume: Sn31Assumptions,
  codec: StorageCodec,
  block: number,
  sample: number,
): FeedStep {
  const writes: FeedWrite[] = []
  const put: Put = (pallet, item, args, value) =>
    writes.push({ kind: 'put', key: codec.key(pallet, item, ...args), value: codec.encode(pallet, item, value) })
  const remove = (item: string, ...args: unknown[]) =>
    writes.push({ kind: 'remove', key: codec.key(SUBTENSOR, item, ...args) })
  const before = data.registrationBlock[sample - 1] ?? data.registrationBlock[0] ?? []

  const registrations = (data.registrationBlock[sample] ?? []).flatMap((registeredAt, uid) => {
    const registeredBefore = before[uid] ?? registeredAt
    if (registeredAt === registeredBefore) return []
    const [old, neuron] = [neuronOf(uid, registeredBefore), neuronOf(uid, registeredAt)]
    remove('Uids', NETUID, old.hotkey)
    remove('IsNetworkMember', old.hotkey, NETUID)
    remove('Weights', NETUID, uid)
    remove('Bonds', NETUID, uid)
    for (const { item, elementBytes } of [...epochOutputs, { item: 'ValidatorPermit', elementBytes: 1 }]) {
      writes.push({ kind: 'zeroElement', key: codec.key(SUBTENSOR, item, NETUID), index: uid, elementBytes })
    }
    putAccounts(put, neuron, assume.delegateTake)
    putRegistration(put, NETUID, uid, registeredAt, neuron.hotkey)
    return [{ uid, hotkey: encodeAddress(neuron.hotkey, 42) }]
  })

  const rows = data.weights[sample] ?? []
  const validators = new Set(rows.map(([validator]) => validator))
  for (const [validator] of data.weights[sample - 1] ?? []) {
    if (!validators.has(validator)) remove('Weights', NETUID, validator)
  }
  for (const [validator, row] of rows) put(SUBTENSOR, 'Weights', [NETUID, validator], weightRow(data, row))
  put(SUBTENSOR, 'LastUpdate', [NETUID], data.lastUpdate[sample])
  return { block, writes, weightRows: rows.length, registrations }
}
