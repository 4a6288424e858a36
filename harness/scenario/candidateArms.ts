import type { ArmHooks, Engine, EngineArm } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import type { ForkState, Hex } from '../fork/forkState.js'
import { applyPatches, type PatchedStart, type PatchPlace } from '../patch/applyPatches.js'
import type { RuntimeInForce } from '../patch/codePatch.js'
import type { FirstBlock } from '../patch/migrations.js'
import { completeBlock } from '../replay/completeBlock.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { EMPTY_DIGEST, encodeHeader } from '../replay/header.js'
import type { ReplayPlan } from '../replay/replayEpochs.js'
import { slotDigest, slotInherents } from '../replay/slots.js'
import { movedRao } from '../runtime/movedRao.js'
import { type Patch, policiesOf } from '../runtime/patch.js'
import { weave, type WeaveResult } from '../runtime/weave.js'
import { firstEpoch, firstNeutralEpoch, neutralHooks, requireSameStorage } from './neutralWeave.js'
import { readCandidateRuntime } from './readRuntime.js'
import { type ArmRun, replayArm } from './replayArm.js'
import { type RunHooks, weavableOf } from './runHooks.js'
import type { LoadedScenario } from './scenario.js'

/** A candidate that has not run yet. */
interface CandidateStart {
  readonly patches: readonly Patch[]
  readonly patched: PatchedStart
  /** `undefined` without policies. */
  readonly woven: WeaveResult | undefined
  /** What runs, uncompressed. */
  readonly wasm: Uint8Array
  /** `undefined` without TypeScript hooks. */
  readonly hooks: ArmHooks | undefined
}

/** What the arms of a run have in common. */
interface ArmsBase {
  readonly engine: Engine
  readonly fork: ForkState
  readonly plan: ReplayPlan
  /** Of the baseline. */
  readonly runtime: RuntimeInForce
  readonly loaded: LoadedScenario
  /** All of the scenario's. */
  readonly hooks: RunHooks
  readonly signal: AbortSignal
}

type OnEpoch = (record: EpochRecord) => void

/** The arms that a run is made of: each stands on the fork of its own, all replay the same plan. */
export function candidateArms({ engine, fork, plan, runtime, loaded, hooks: runHooks, signal }: ArmsBase) {
  const { storage, remote } = fork
  const { callSites } = loaded.scenario
  const open = (name: string, wasm: Uint8Array, from: Engine = engine, hooks?: ArmHooks) =>
    from.openArm({ name, wasm, storage, remote, hooks })

  const closing = async <T>(arm: EngineArm, work: (arm: EngineArm) => Promise<T>): Promise<T> => {
    try {
      return await work(arm)
    } finally {
      await arm.close()
    }
  }

  /** An arm on the fork with the candidate's writes. */
  const openPatched = async (
    name: string,
    wasm: Uint8Array,
    { writes }: PatchedStart,
    hooks?: ArmHooks,
  ): Promise<EngineArm> => {
    const arm = await open(name, wasm, engine, hooks)
    if (writes.length > 0) await arm.write(writes)
    return arm
  }
  const metadataOf = async (wasm: Uint8Array): Promise<Hex> =>
    closing(await open('metadata', wasm), async (arm) => (await arm.call('Metadata_metadata', '0x')).result)
  const planOf = ({ runtime: own, late }: PatchedStart): ReplayPlan => {
    return { ...plan, codec: own.codec, afterFirst: late?.apply }
  }

  return {
    /** Applies patches to the fork and weaves the policies among them in.
     *  @throws E301 to E313 about weaving, E360 to E370 about the patches */
    async prepare(patches: readonly Patch[], places: readonly PatchPlace[]): Promise<CandidateStart> {
      // Migrations say what they do at the level info.
      const narrator = await openEngine(engine.name, { signal, logLevel: 'info' })
      try {
        const patched = await applyPatches({
          openArm: (wasm) => open('patches', wasm, narrator),
          runtime,
          patches,
          places,
          readBlob: (_, at) => readCandidateRuntime(loaded.codeFile ?? '', at),
          first: firstBlock(fork.header, plan),
        })
        const { weavable, programs } = weavableOf(patches, runHooks)
        const woven = weavable.length === 0 ? undefined : weave(patched.runtime.wasm, weavable, { callSites })
        const hooks = programs.length === 0 ? undefined : { programs, metadata: await metadataOf(patched.runtime.wasm) }
        return { patches, patched, woven, wasm: woven?.wasm ?? patched.runtime.wasm, hooks }
      } finally {
        await narrator.close()
      }
    },

    replayBaseline: async (onEpoch: OnEpoch): Promise<ArmRun> =>
      closing(await open('baseline', runtime.wasm), (arm) => replayArm(arm, plan, onEpoch, signal)),

    replay: async ({ wasm, patched, patches, hooks }: CandidateStart, onEpoch: OnEpoch): Promise<ArmRun> =>
      closing(await openPatched('candidate', wasm, patched, hooks), (arm) =>
        replayArm(arm, planOf(patched), onEpoch, signal, movedRao(policiesOf(patches))),
      ),

    /** Weaves the policies at their neutral values: the first epoch has to leave the storage that the unwoven runtime leaves.
     *  @param baseline its first epoch, which is the one to compare with unless a code patch replaced the runtime
     *  @throws E322, E323, E603 */
    async requireNeutralWeave(
      { patched, patches, hooks }: CandidateStart,
      baseline: EpochRecord | undefined,
    ): Promise<void> {
      const { wasm } = patched.runtime
      const { weavable } = weavableOf(patches, runHooks)
      const replaced = wasm !== runtime.wasm
      const openOwn = (name: string, code: Uint8Array, own?: ArmHooks) =>
        replaced ? openPatched(name, code, patched, own) : open(name, code, engine, own)
      const own = replaced ? planOf(patched) : plan
      const neutral = await firstNeutralEpoch(
        (code) => openOwn('neutral', code, neutralHooks(hooks)),
        wasm,
        weavable,
        own,
        signal,
        callSites,
      )
      const unwoven = replaced ? await firstEpoch(await openOwn('unwoven', wasm), own, signal) : baseline
      if (unwoven !== undefined && neutral !== undefined) requireSameStorage(unwoven, neutral)
    },
  }
}

/** The first block of a replay, without its feed. */
function firstBlock({ number: head, hash }: ForkState['header'], { slots, completesBlocks }: ReplayPlan): FirstBlock {
  const number = head + 1
  const digest = slots === undefined ? EMPTY_DIGEST : slotDigest(slots, slots.headSlot + 1n)
  const header = encodeHeader({ number, parentHash: hash, digest })
  return {
    number,
    header,
    async execute(arm) {
      const call = (fn: string, args: Hex) => arm.call(fn, args, { commit: true })
      const { result } = await call('Core_initialize_block', header)
      if (completesBlocks === true && slots !== undefined) {
        await completeBlock(call, number, slotInherents(slots, slots.headSlot + 1n))
      }
      return result
    },
  }
}
