import type { EngineArm, StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { type Patch, policiesOf } from '../runtime/patch.js'
import type { PolicyPatch } from '../runtime/policy.js'
import type { AppliedPatch } from './appliedPatch.js'
import type { RawChange } from './showStorage.js'
import { applyStoragePatch } from './storagePatch.js'

/** Where a patch was stated, and each entry of it: file:line:column, or an option. */
export interface PatchPlace {
  readonly at: string
  readonly entries: Readonly<Record<string, string>>
}

/** What the candidate starts from. */
export interface PatchedStart {
  /** Writes that make its state of the fork's. */
  readonly writes: StorageDiff
  /** As many as there are patches, in their order. */
  readonly applied: readonly AppliedPatch[]
  /** Whether each left everything as it was; policies are none of this stage's, and count as neutral. */
  readonly withoutEffect: readonly boolean[]
}

/** Applies patches of state to the fork, in the order stated, on an arm of its own.
 *  @param from.openArm a fresh arm on the fork's state
 *  @param from.places of the patches, in their order
 *  @throws E360 to E379 as each kind does */
export async function applyPatches(from: {
  readonly openArm: () => Promise<EngineArm>
  readonly codec: StorageCodec
  readonly patches: readonly Patch[]
  readonly places: readonly PatchPlace[]
}): Promise<PatchedStart> {
  const { codec, patches, places } = from
  const policies = policiesOf(patches)
  if (policies.length === patches.length) {
    return { writes: [], applied: policies.map(asApplied), withoutEffect: patches.map(() => true) }
  }
  const arm = await from.openArm()
  try {
    const writes = new Map<Hex, Hex | null>()
    const applied: AppliedPatch[] = []
    const withoutEffect: boolean[] = []
    for (const [index, patch] of patches.entries()) {
      const { applied: what, changes } = await applyOne(arm, codec, patch, places[index])
      for (const { key, after } of changes) writes.set(key, after)
      applied.push(what)
      withoutEffect.push(changes.every(({ before, after }) => before === after))
    }
    return { writes: [...writes].sort(([a], [b]) => (a < b ? -1 : 1)), applied, withoutEffect }
  } finally {
    await arm.close()
  }
}

const asApplied = ({ kind, policy, params }: PolicyPatch): AppliedPatch => ({ kind, policy, params: { ...params } })

interface Applied {
  readonly applied: AppliedPatch
  readonly changes: readonly RawChange[]
}

async function applyOne(
  arm: EngineArm,
  codec: StorageCodec,
  patch: Patch,
  place: PatchPlace | undefined,
): Promise<Applied> {
  const at = place?.at ?? 'the patch'
  switch (patch.kind) {
    case 'policy':
      return { applied: asApplied(patch), changes: [] }
    case 'storage':
      return applyStoragePatch(arm, codec, patch, (path) => place?.entries[path] ?? at)
  }
}
