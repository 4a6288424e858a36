import type { Hex } from './forkState.js'
import { madeUpHash } from './storageParts.js'

/** The recording names no accounts: they are made up, the same in every run. */
export interface Neuron {
  readonly hotkey: Hex
  readonly coldkey: Hex
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
  const account = (kind: string) => madeUpHash(`sn31/${kind}/${name}`)
  return { hotkey: account('hotkey'), coldkey: account('coldkey') }
}
