import type { HookPatch } from './hookPatch.js'
import type { PolicyPatch } from './policy.js'

/** Another runtime for the candidate. */
export interface CodePatch {
  readonly kind: 'code'
  /** Path of the blob as it was stated. */
  readonly wasm: string
  /** What may be otherwise than on a chain: there a new runtime has the same spec name and a higher spec version. */
  readonly allow: readonly (typeof codeAllowances)[number][]
}

export const codeAllowances = ['same-version', 'lower-version', 'other-name'] as const

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

/** A call dispatched as root on the candidate's state. */
export interface CallPatch {
  readonly kind: 'call'
  /** `Pallet.call`, the call in snake or camel case. */
  readonly call: string
  /** By name, plain JSON of their types. */
  readonly args: Readonly<Record<string, unknown>>
}

/** One change of a proposal, as a scenario states it. */
export type Patch = PolicyPatch | HookPatch | CodePatch | StoragePatch | CallPatch

/** The policies among the patches, in their order. */
export function policiesOf(patches: readonly Patch[]): PolicyPatch[] {
  return patches.filter((patch) => patch.kind === 'policy')
}

/** The hooks among the patches, in their order. */
export function hooksOf(patches: readonly Patch[]): HookPatch[] {
  return patches.filter((patch) => patch.kind === 'hook')
}
