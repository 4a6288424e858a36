import type { Engine } from '../engine/engine.js'
import { weaveNotNeutral } from '../errors/run.js'
import type { ForkState } from '../fork/forkState.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { type ReplayPlan, replayEpochs } from '../replay/replayEpochs.js'
import { policyDefinition } from '../runtime/policies.js'
import type { PolicyPatch } from '../runtime/policy.js'
import { type CallSites, weave } from '../runtime/weave.js'
import { checkLayouts, withoutProbes } from './probeLayouts.js'

/** The same policies with parameters under which each changes nothing. */
function neutralised(patches: readonly PolicyPatch[]): PolicyPatch[] {
  return patches.map((patch) => ({
    ...patch,
    params: { ...patch.params, ...policyDefinition(patch.policy).neutral },
  }))
}

/** The first epoch of a runtime with the patches woven in at neutral parameters: what it must share, byte for byte, with the
 *  unwoven runtime's first epoch. On the way the hooks' layouts are probed, of which the epoch does not tell.
 *  @throws E322, E323 when what a hook hands out does not fit the state */
export async function firstNeutralEpoch(
  engine: Engine,
  fork: ForkState,
  wasm: Uint8Array,
  patches: readonly PolicyPatch[],
  plan: ReplayPlan,
  signal: AbortSignal,
  callSites: CallSites,
): Promise<EpochRecord | undefined> {
  const neutral = weave(wasm, neutralised(patches), { probe: true, callSites })
  const { storage, remote } = fork
  const arm = await engine.openArm({ name: 'neutral', wasm: neutral.wasm, storage, remote })
  try {
    for await (const record of replayEpochs(arm, { ...plan, epochs: 1 }, undefined, signal)) {
      checkLayouts(plan.codec, record, neutral.manifest.patches)
      return { ...record, storageDiff: withoutProbes(record.storageDiff) }
    }
    return undefined
  } finally {
    await arm.close()
  }
}

/** @throws E603 when the two epochs' storage differs in any key or byte */
export function requireSameStorage(baseline: EpochRecord, neutral: EpochRecord): void {
  const ours = new Map(baseline.storageDiff)
  const theirs = new Map(neutral.storageDiff)
  const differing = [...new Set([...ours.keys(), ...theirs.keys()])].filter((key) => ours.get(key) !== theirs.get(key))
  const [firstKey] = differing
  if (firstKey !== undefined) {
    throw weaveNotNeutral({ differences: differing.length, firstKey, block: baseline.block })
  }
}
