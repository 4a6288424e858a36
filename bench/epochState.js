// A made-up subnet whose next block runs an epoch: validators with weights and bonds, the other uids miners without.
import { createHash } from 'node:crypto'
import { encodeHeader } from '../dist/replay/header.js'

const netuid = 1
const tempo = 360
const head = 5_000_000
const registered = 1_000_000
const parentHash = `0x${'11'.repeat(32)}`
const rao = 1_000_000_000n

/** Opens the block of the epoch. */
export const epochHeader = encodeHeader({ number: head + 1, parentHash })

/** Raw storage by key, both hexadecimal.
 *  @param codec of the reference runtime
 *  @param uids multiple of `entries`
 *  @param validators the first uids
 *  @param entries weights, and as many bonds, in the row of each validator */
export function epochState(codec, { uids, validators, entries }) {
  const storage = new Map()
  const put = (pallet, item, args, value) =>
    storage.set(codec.key(pallet, item, ...args), codec.encode(pallet, item, value))
  const subtensor = (item, args, value) => put('SubtensorModule', item, args, value)
  const ofSubnet = (item, value) => subtensor(item, [netuid], value)
  const byUid = (value) => Array.from({ length: uids }, (_, uid) => value(uid))

  const { spec_name, spec_version } = codec.constant('System', 'Version')
  put('System', 'Number', [], head)
  put('System', 'ParentHash', [], parentHash)
  put('System', 'LastRuntimeUpgrade', [], { spec_name, spec_version })

  ofSubnet('NetworksAdded', true)
  ofSubnet('SubnetworkN', uids)
  ofSubnet('MaxAllowedValidators', validators)
  ofSubnet('Tempo', tempo)
  ofSubnet('LastEpochBlock', head + 1 - tempo)
  ofSubnet('LastMechansimStepBlock', head + 1 - tempo)
  ofSubnet('PendingServerEmission', 150n * rao)
  ofSubnet('PendingValidatorEmission', 150n * rao)
  ofSubnet('SubnetMovingPrice', 1n << 32n)
  put('Swap', 'SwapBalancer', [netuid], { quote: 500_000_000_000_000_000n })
  ofSubnet(
    'LastUpdate',
    byUid(() => head - 100),
  )
  ofSubnet(
    'ValidatorPermit',
    byUid((uid) => uid < validators),
  )

  for (let uid = 0; uid < uids; uid += 1) {
    const [hotkey, coldkey] = [account(`hotkey ${uid}`), account(`coldkey ${uid}`)]
    subtensor('Owner', [hotkey], coldkey)
    subtensor('OwnedHotkeys', [coldkey], [hotkey])
    subtensor('Keys', [netuid, uid], hotkey)
    subtensor('Uids', [netuid, hotkey], uid)
    subtensor('IsNetworkMember', [hotkey, netuid], true)
    subtensor('BlockAtRegistration', [netuid, uid], registered)
    const tokens = uid < validators ? 1_000n + BigInt(uid) : 1n
    const shares = { mantissa: tokens * 10n ** 17n, exponent: -8 }
    subtensor('TotalHotkeyAlpha', [hotkey, netuid], tokens * rao)
    subtensor('TotalHotkeySharesV2', [hotkey, netuid], shares)
    subtensor('AlphaV2', [hotkey, coldkey, netuid], shares)
    if (uid < validators) {
      subtensor('Weights', [netuid, uid], row(uid, uids, entries))
      subtensor('Bonds', [netuid, uid], row(uid + validators, uids, entries))
    }
  }
  return storage
}

function account(name) {
  return `0x${sha256(name).toString('hex')}`
}

/** [uid, parts of 65535], ascending, evenly spread. All validators rate the same uids: a uid rated by less than kappa earns nothing. */
function row(name, uids, entries) {
  const stride = uids / entries
  return Array.from({ length: entries }, (_, index) => [
    index * stride + stride - 1,
    1 + (sha256(`${name} ${index}`).readUInt16LE() % 65_535),
  ])
}

function sha256(text) {
  return createHash('sha256').update(text).digest()
}
