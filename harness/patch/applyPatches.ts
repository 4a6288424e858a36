import { callBeforeMigrations } from '../errors/patch.js'
import type { EngineArm, StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import { createRuntimeCalls } from '../fork/runtimeCalls.js'
import { CODE_KEY } from '../fork/storageParts.js'
import type { HookPatch } from '../runtime/hookPatch.js'
import type { CodePatch, Patch } from '../runtime/patch.js'
import type { PolicyPatch } from '../runtime/policy.js'
import type { AppliedPatch } from './appliedPatch.js'
import { applyCallPatch } from './callPatch.js'
import { applyCodePatch, asUnreadable, type RuntimeInForce } from './codePatch.js'
import type { FirstBlock } from './migrations.js'
import type { RawChange } from './showStorage.js'
import { applyStoragePatch } from './storagePatch.js'

/** Where a patch was stated, and each entry of it: file:line:column, or an option. */
export interface PatchPlace {
  readonly at: string
  readonly entries: Readonly<Record<string, string>>
}

/** What the candidate starts from. */
export interface PatchedStart {
  readonly runtime: RuntimeInForce
  /** Writes that make its state of the fork's. */
  readonly writes: StorageDiff
  /** As many as there are patches, in their order. */
  readonly applied: readonly AppliedPatch[]
  /** Whether each left everything as it was; policies and hooks are none of this stage's, and count as neutral. */
  readonly withoutEffect: readonly boolean[]
  /** What was mocked on the way. */
  readonly mocks: readonly string[]
}

interface PatchStage {
  /** A fresh arm of a runtime on the fork's state. */
  readonly openArm: (wasm: Uint8Array) => Promise<EngineArm>
  readonly runtime: RuntimeInForce
  readonly patches: readonly Patch[]
  /** Of the patches, in their order. */
  readonly places: readonly PatchPlace[]
  /** Uncompressed blob of a code patch. */
  readonly readBlob: (patch: CodePatch, at: string) => Promise<Uint8Array>
  readonly first: FirstBlock
}

/** Applies the patches to the fork, in the order stated, on an arm of its own; policies and hooks are left to the weaver.
 *  @throws E360 to E371 as each kind does */
export async function applyPatches(stage: PatchStage): Promise<PatchedStart> {
  const { patches, places } = stage
  let { runtime } = stage
  const woven = patches.filter((patch) => patch.kind === 'policy' || patch.kind === 'hook')
  if (woven.length === patches.length) {
    const withoutEffect = patches.map(() => true)
    return { runtime, writes: [], applied: woven.map(asApplied), withoutEffect, mocks: [] }
  }

  let arm = await stage.openArm(runtime.wasm)
  const writes = new Map<Hex, Hex | null>()
  const applied: AppliedPatch[] = []
  const withoutEffect: boolean[] = []
  const mocks: string[] = []
  let migrationsWait = false
  const keep = (changes: readonly RawChange[]) => {
    for (const { key, after } of changes) writes.set(key, after)
    withoutEffect.push(changes.every(({ before, after }) => before === after))
  }
  try {
    for (const [index, patch] of patches.entries()) {
      const place = places[index]
      const at = place?.at ?? 'the patch'
      switch (patch.kind) {
        case 'policy':
        case 'hook':
          applied.push(asApplied(patch))
          withoutEffect.push(true)
          break
        case 'storage': {
          const done = await applyStoragePatch(arm, runtime.codec, patch, (path) => place?.entries[path] ?? at)
          applied.push(done.applied)
          keep(done.changes)
          break
        }
        case 'call': {
          if (migrationsWait) throw callBeforeMigrations({ at, call: patch.call })
          const calls = createRuntimeCalls((await arm.call('Metadata_metadata', '0x')).result)
          const done = await applyCallPatch(arm, runtime.codec, calls, patch, at)
          applied.push(done.applied)
          keep(done.changes)
          mocks.push(...done.mocks)
          break
        }
        case 'code': {
          const wasm = await stage.readBlob(patch, at)
          const next = await stage
            .openArm(wasm)
            .catch((cause: unknown) => Promise.reject(asUnreadable(cause, patch, at)))
          await arm.close()
          arm = next
          await arm.write([...writes])
          const done = await applyCodePatch(arm, wasm, runtime, patch, stage.first, at)
          withoutEffect.push(done.applied.sha256 === done.applied.from.sha256)
          applied.push(done.applied)
          writes.set(CODE_KEY, `0x${Buffer.from(wasm).toString('hex')}`)
          migrationsWait = done.applied.migrations !== null
          if (migrationsWait) mocks.push(MULTI_BLOCK)
          runtime = done.runtime
        }
      }
    }
    return { runtime, writes: ascending(writes), applied, withoutEffect, mocks }
  } finally {
    await arm.close()
  }
}

const MULTI_BLOCK =
  "The runtime's migrations run in the candidate's first block; migrations that go on over several blocks are not driven."

const ascending = (writes: ReadonlyMap<Hex, Hex | null>): StorageDiff =>
  [...writes].sort(([a], [b]) => (a < b ? -1 : 1))

const asApplied = (patch: PolicyPatch | HookPatch): AppliedPatch =>
  patch.kind === 'policy' ? { ...patch, params: { ...patch.params } } : { ...patch, params: { ...patch.params } }
