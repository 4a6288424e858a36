import { epochKey } from '../diff/epochPlace.js'
import type { EngineName } from '../engine/engine.js'
import type { Check } from './check.js'

/** What the storage was that an epoch's block changed, in one arm. */
export interface EpochStorage {
  readonly arm: 'baseline' | 'candidate'
  readonly epoch: number
  readonly netuid: number
  readonly block: number
  /** Hex. */
  readonly storageSha256: string
}

/** The first epochs of a run, as a second engine executes them. */
export interface EngineComparison {
  readonly engine: EngineName
  readonly other: EngineName
  /** How many epochs of each subnet were repeated. */
  readonly firstEpochs: number
  /** All epochs of the run. */
  readonly epochs: readonly EpochStorage[]
  /** Those that the second engine repeated. */
  readonly repeated: readonly EpochStorage[]
}

/** Whether two engines leave the same storage, byte by byte, in every epoch that both executed. */
export function checkEnginesAgree({ engine, other, epochs, repeated }: EngineComparison): Check {
  const name = 'engines agree'
  const key = (epoch: EpochStorage) => `${epoch.arm} ${epochKey(epoch)}`
  const known = new Map(epochs.map((epoch) => [key(epoch), epoch.storageSha256]))
  const differing = repeated.filter((epoch) => known.get(key(epoch)) !== epoch.storageSha256)
  const expected = `${engine} and ${other} leave the same storage in every repeated epoch of both arms`
  const [first] = differing
  if (first !== undefined) {
    const { arm, epoch, netuid, block } = first
    return {
      name,
      level: 'error',
      seen: `the storage differs in ${differing.length} of ${repeated.length} epochs, first in epoch ${epoch} of subnet ${netuid} (${arm}, block ${block})`,
      expected,
      why: 'One of the engines does not execute the runtime as it is: no number of this run can be believed.',
    }
  }
  if (repeated.length === 0) {
    return { name, level: 'error', seen: 'no epoch was repeated', expected, why: 'Nothing was compared.' }
  }
  return {
    name,
    level: 'pass',
    seen: `the same storage in ${repeated.length} of ${epochs.length} epochs`,
    expected,
    why: 'What is measured does not depend on what executes the runtime.',
  }
}
