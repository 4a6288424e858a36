import type { EngineComparison, EpochStorage } from '../checks/enginesAgree.js'
import type { EngineName } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import type { ForkState } from '../fork/forkState.js'
import type { PatchedStart } from '../patch/applyPatches.js'
import type { ReplayPlan } from '../replay/replayEpochs.js'
import { type ArmRun, replayArm } from './replayArm.js'
import type { RunOptions } from './runScenario.js'

type ArmName = EpochStorage['arm']

/** A run whose first epochs the engine that did not execute it repeats. */
interface FinishedReplay extends Pick<RunOptions, 'progress' | 'signal'> {
  readonly engine: EngineName
  /** How many epochs are repeated; 0: none. */
  readonly firstEpochs: number
  readonly fork: ForkState
  readonly runtimes: Readonly<Record<ArmName, Uint8Array>>
  /** What the candidate starts from. */
  readonly patched: PatchedStart
  readonly plan: ReplayPlan
  readonly arms: Readonly<Record<ArmName, ArmRun>>
}

/** Repeats the first epochs of both arms on the other engine.
 *  @returns the hashes of the storage that each epoch leaves; `undefined` when none is to be repeated */
export async function crossCheck(replay: FinishedReplay): Promise<EngineComparison | undefined> {
  const { engine, firstEpochs, plan, arms, progress, signal } = replay
  if (firstEpochs === 0) return undefined
  const other = engine === 'native' ? 'chopsticks' : 'native'
  progress.step(`Repeating ${firstEpochs} ${firstEpochs === 1 ? 'epoch' : 'epochs'} on the engine ${other}`)
  const total = 2 * firstEpochs * plan.netuids.length
  let done = 0
  const onEpoch = () => {
    progress.tick((done += 1), total)
  }
  const repeated: EpochStorage[] = []
  const opened = await openEngine(other, { signal })
  try {
    for (const name of ['baseline', 'candidate'] as const) {
      const { storage, remote } = replay.fork
      const arm = await opened.openArm({ name, wasm: replay.runtimes[name], storage, remote })
      try {
        const { writes, runtime, late } = replay.patched
        if (name === 'candidate' && writes.length > 0) await arm.write(writes)
        const own = name === 'candidate' ? { codec: runtime.codec, afterFirst: late?.apply } : {}
        const run = await replayArm(arm, { ...plan, ...own, epochs: firstEpochs }, onEpoch, signal)
        repeated.push(...epochStorage(name, run))
      } finally {
        await arm.close()
      }
    }
  } finally {
    await opened.close()
  }
  const epochs = [...epochStorage('baseline', arms.baseline), ...epochStorage('candidate', arms.candidate)]
  return { engine, other, firstEpochs, epochs, repeated }
}

/** The hashes of an arm's epochs with their places. */
function epochStorage(arm: ArmName, { ledger, storageSha256 }: ArmRun): EpochStorage[] {
  return ledger.totals.map(({ epoch, netuid, block }, i) => {
    return { arm, epoch, netuid, block, storageSha256: storageSha256[i] ?? '' }
  })
}
