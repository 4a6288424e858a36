import { callNotDispatched, lateCallDiffers } from '../errors/patch.js'
import type { EngineArm, StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import { createRuntimeCalls } from '../fork/runtimeCalls.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { CODE_KEY } from '../fork/storageParts.js'
import type { HookPatch } from '../runtime/hookPatch.js'
import type { CallPatch, CodePatch, Patch, StoragePatch } from '../runtime/patch.js'
import type { PolicyPatch } from '../runtime/policy.js'
import type { AppliedCall, AppliedPatch, AppliedStorage } from './appliedPatch.js'
import { applyCallPatch } from './callPatch.js'
import { applyCodePatch, asUnreadable, type RuntimeInForce } from './codePatch.js'
import { describePatch } from './describePatch.js'
import { type FirstBlock, orStops } from './migrations.js'
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
  /** Patches that wait for the migrations of a code patch; `undefined` without any. */
  readonly late: LatePatches | undefined
  /** As many as there are patches, in their order. */
  readonly applied: readonly AppliedPatch[]
  /** Whether each left everything as it was; policies and hooks are none of this stage's, and count as neutral. */
  readonly withoutEffect: readonly boolean[]
  /** What was mocked on the way. */
  readonly mocks: readonly string[]
}

/** Patches of state that act at the end of the first block: the first call after a code patch, and what is stated after it. */
interface LatePatches {
  /** Writes that make the state after the first block the candidate's. */
  readonly writes: StorageDiff
  /** Applies them to an arm that has executed the first block.
   *  @returns what they changed
   *  @throws E373 when that is something else than where they were tried, and what applying them throws */
  readonly apply: (arm: EngineArm) => Promise<StorageDiff>
}

/** A patch of state, ready to be applied to an arm. */
type StateStep = (arm: EngineArm) => Promise<{
  readonly applied: AppliedStorage | AppliedCall
  readonly changes: readonly RawChange[]
  readonly mocks: readonly string[]
}>

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

/** Applies the patches to the fork, in the order stated, on an arm of its own; policies and hooks are left to the weaver. On a chain
 *  a call meets the new runtime in its first block at the earliest, after the migrations: one that stands after a code patch is
 *  tried there.
 *  @throws E360 to E370 as each kind does */
export async function applyPatches(stage: PatchStage): Promise<PatchedStart> {
  const { patches, places } = stage
  let { runtime } = stage
  const woven = patches.filter((patch) => patch.kind === 'policy' || patch.kind === 'hook')
  if (woven.length === patches.length) {
    const withoutEffect = patches.map(() => true)
    return { runtime, writes: [], late: undefined, applied: woven.map(asApplied), withoutEffect, mocks: [] }
  }

  let arm = await stage.openArm(runtime.wasm)
  const writes = new Map<Hex, Hex | null>()
  const applied: AppliedPatch[] = []
  const withoutEffect: boolean[] = []
  const mocks: string[] = []
  const late: LateStep[] = []
  let migrationsWait = false
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
        case 'storage':
        case 'call': {
          const waits = migrationsWait && (patch.kind === 'call' || late.length > 0)
          if (waits && patch.kind === 'call' && late.length === 0) {
            const mode = await orStops(stage.first.execute(arm), stage.first, at)
            if (mode === ONLY_INHERENTS) throw callNotDispatched({ at, call: patch.call, reason: GO_ON })
          }
          const afterBlock = waits ? stage.first.number : undefined
          const step = await stateStep(arm, runtime.codec, patch, place ?? { at, entries: {} }, afterBlock)
          const done = await step(arm)
          applied.push(done.applied)
          withoutEffect.push(done.changes.every(({ before, after }) => before === after))
          mocks.push(...done.mocks)
          if (waits) late.push({ step, at, tried: done })
          else for (const { key, after } of done.changes) writes.set(key, after)
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
    const waiting = late.length === 0 ? undefined : latePatches(late, stage.first.number)
    return { runtime, writes: ascending(writes), late: waiting, applied, withoutEffect, mocks }
  } finally {
    await arm.close()
  }
}

/** @param afterBlock where the patch waits for the migrations */
async function stateStep(
  arm: EngineArm,
  codec: StorageCodec,
  patch: StoragePatch | CallPatch,
  { at, entries }: PatchPlace,
  afterBlock: number | undefined,
): Promise<StateStep> {
  const when = afterBlock === undefined ? {} : { afterBlock }
  if (patch.kind === 'storage') {
    return async (to) => {
      const { applied, changes } = await applyStoragePatch(to, codec, patch, (path) => entries[path] ?? at)
      return { applied: { ...applied, ...when }, changes, mocks: [] }
    }
  }
  const calls = createRuntimeCalls((await arm.call('Metadata_metadata', '0x')).result)
  const says =
    afterBlock === undefined
      ? 'before the first block'
      : `at the end of block ${afterBlock} (the first of the new runtime, after its migrations; an epoch in that block does not see it)`
  return async (to) => {
    const { applied, changes, mocks } = await applyCallPatch(to, codec, calls, patch, at, says)
    return { applied: { ...applied, ...when }, changes, mocks }
  }
}

interface LateStep {
  readonly step: StateStep
  readonly at: string
  readonly tried: Awaited<ReturnType<StateStep>>
}

function latePatches(steps: readonly LateStep[], block: number): LatePatches {
  const writesOf = (changes: readonly RawChange[]): StorageDiff => changes.map(({ key, after }) => [key, after])
  return {
    writes: steps.flatMap(({ tried }) => writesOf(tried.changes)),
    async apply(arm) {
      const diff: StorageDiff[number][] = []
      for (const { step, at, tried } of steps) {
        const { changes } = await step(arm)
        if (JSON.stringify(changes) !== JSON.stringify(tried.changes)) {
          throw lateCallDiffers({ at, patch: describePatch(tried.applied), block })
        }
        diff.push(...writesOf(changes))
      }
      return diff
    },
  }
}

/** `ExtrinsicInclusionMode` of a block in which migrations go on. */
const ONLY_INHERENTS: Hex = '0x01'
const GO_ON = "the new runtime's migrations go on after its first block, and a chain takes no call until they are done"

const MULTI_BLOCK =
  "The runtime's migrations run in the candidate's first block; migrations that go on over several blocks are not driven."

const ascending = (writes: ReadonlyMap<Hex, Hex | null>): StorageDiff =>
  [...writes].sort(([a], [b]) => (a < b ? -1 : 1))

const asApplied = (patch: PolicyPatch | HookPatch): AppliedPatch =>
  patch.kind === 'policy' ? { ...patch, params: { ...patch.params } } : { ...patch, params: { ...patch.params } }
