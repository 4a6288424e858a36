import { blake2AsU8a, encodeAddress } from '@polkadot/util-crypto'

/** The recording names no accounts: they are made up, the same in every run. SS58, prefix 42. */
export interface Neuron {
  readonly hotkey: string
  readonly coldkey: string
}

/** Who holds a uid since its registration at that block: a new registration is a new pair of accounts. */
export function neuronOf(uid: number, registrationBlock: number): Neuron {
  return pair(`${uid}/${registrationBlock}`)
}

/** The subnet's owner; its hotkey holds no uid. */
export function subnetOwner(): Neuron {
  return pair('owner')
}

function pair(name: string): Neuron {
  const account = (kind: string) => encodeAddress(blake2AsU8a(`epochdiff/sn31/${kind}/${name}`, 256), 42)
  return { hotkey: account('hotkey'), coldkey: account('coldkey') }
}
