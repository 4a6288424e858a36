import type { PolicyPatch } from './policy.js'

/** Writes to the candidate's storage, in order. */
export interface StoragePatch {
  readonly kind: 'storage'
  readonly set: readonly StorageWrite[]
}

export interface StorageWrite {
  /** `Pallet.Item(keys)`, as `parseStoragePath` reads it. */
  readonly path: string
  /** Plain JSON of the item's type; `null` removes the entry. */
  readonly value: unknown
}

/** One change of a proposal, as a scenario states it. */
export type Patch = PolicyPatch | StoragePatch

/** The policies among the patches, in their order. */
export function policiesOf(patches: readonly Patch[]): PolicyPatch[] {
  return patches.filter((patch) => patch.kind === 'policy')
}
