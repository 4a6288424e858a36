import type { ArmHooks, EngineArm } from '../engine/engine.js'
import { weaveNotNeutral } from '../errors/run.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { type ReplayPlan, replayEpochs } from '../replay/replayEpochs.js'
import type { HookProgram } from '../runtime/hookPatch.js'
import { policyDefinition } from '../runtime/policies.js'
import { weave, type CallSites } from '../runtime/weave.js'
import type { Weavable } from '../runtime/wovenPolicies.js'
import { checkLayouts, withoutProbes } from './probeLayouts.js'

/** The same policies with parameters under which each changes nothing. */
function neutralised(patches: readonly Weavable[]): Weavable[] {
  return patches.map((patch) => {
    if (patch.kind === 'hook') return patch
    return { ...patch, params: { ...patch.params, ...policyDefinition(patch.policy).neutral } }
  })
}

/** What runs in the place of a hook: it returns what it was given. */
const identity: HookProgram = {
  file: 'identity.js',
  sha256: '',
  code: `require('epochdiff').definePolicy({
    name: 'identity',
    stakeWeights: (ctx, weights) => weights,
    rolePools: (ctx, pools) => pools,
    epochRewards: (ctx, rewards) => rewards,
  })`,
  sourceMap: '',
}

/** As many hooks that change nothing. */
export function neutralHooks(hooks: ArmHooks | undefined): ArmHooks | undefined {
  return hooks && { ...hooks, programs: hooks.programs.map(() => ({ program: identity, params: {} })) }
}

/** The first epoch of an arm whose runtime has the patches woven in at neutral parameters: what it must share, byte for byte, with the
 *  unwoven runtime's first epoch. On the way the hooks' layouts are probed, of which the epoch does not tell.
 *  @param openArm an arm of the woven runtime, with `neutralHooks`
 *  @throws E322, E323 when what a hook hands out does not fit the state */
export async function firstNeutralEpoch(
  openArm: (wasm: Uint8Array) => Promise<EngineArm>,
  wasm: Uint8Array,
  patches: readonly Weavable[],
  plan: ReplayPlan,
  signal: AbortSignal,
  callSites: CallSites,
): Promise<EpochRecord | undefined> {
  const neutral = weave(wasm, neutralised(patches), { probe: true, callSites })
  const record = await firstEpoch(await openArm(neutral.wasm), plan, signal)
  if (record === undefined) return undefined
  checkLayouts(plan.codec, record, neutral.manifest.patches)
  return { ...record, storageDiff: withoutProbes(record.storageDiff) }
}

/** The first epoch of an arm, which is closed. */
export async function firstEpoch(
  arm: EngineArm,
  plan: ReplayPlan,
  signal: AbortSignal,
): Promise<EpochRecord | undefined> {
  try {
    for await (const record of replayEpochs(arm, { ...plan, epochs: 1 }, undefined, signal)) return record
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
