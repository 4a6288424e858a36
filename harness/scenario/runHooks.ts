import { describeHook } from '../engine/describeHook.js'
import type { ArmHooks, EngineName } from '../engine/engine.js'
import { hookEngine, hooksNotAllowed } from '../errors/hooks.js'
import type { HookDefinition, HookProgram } from '../runtime/hookPatch.js'
import { hooksOf, type Patch } from '../runtime/patch.js'
import type { Weavable } from '../runtime/wovenPolicies.js'
import type { LoadedScenario } from './scenario.js'

/** Of a run with hooks, for the list of what was mocked. */
export const HOOKS_MOCKED =
  'Hooks are TypeScript that the engine runs in the place of code of the runtime: what they do is measured, but no runtime blob has it.'

/** The hooks of a scenario, by their file. */
export type RunHooks = ReadonlyMap<string, { readonly program: HookProgram; readonly definition: HookDefinition }>

/** @param options.allowHooks whoever runs the scenario trusts its code
 *  @throws E341 hooks that were not allowed, E350 hooks in another engine, E343 to E347 a file that defines no policy */
export async function openRunHooks(
  { scenario, hookPrograms }: LoadedScenario,
  options: { readonly engine: EngineName; readonly crossCheckEpochs: number; readonly allowHooks: boolean },
): Promise<RunHooks> {
  const files = [...new Set(hooksOf(scenario.patches).map(({ file }) => file))]
  if (files.length === 0) return new Map()
  // To cross-check is to run the other engine.
  if (options.engine !== 'native' || options.crossCheckEpochs > 0) throw hookEngine({ files })
  if (!options.allowHooks) throw hooksNotAllowed({ files })
  const opened = new Map<string, { program: HookProgram; definition: HookDefinition }>()
  for (const file of files) {
    const program = hookPrograms.get(file)
    if (program === undefined) throw new Error(`the hook ${file} was not loaded`)
    opened.set(file, { program, definition: await describeHook(program) })
  }
  return opened
}

/** What of the patches is woven into a runtime, in their order, and the hooks that it then calls. */
export function weavableOf(
  patches: readonly Patch[],
  opened: RunHooks,
): { readonly weavable: readonly Weavable[]; readonly programs: ArmHooks['programs'] } {
  const weavable: Weavable[] = []
  const programs: { program: HookProgram; params: ArmHooks['programs'][number]['params'] }[] = []
  for (const patch of patches) {
    if (patch.kind === 'policy') weavable.push(patch)
    if (patch.kind !== 'hook') continue
    const hook = opened.get(patch.file)
    if (hook === undefined) throw new Error(`the hook ${patch.file} was not opened`)
    const { params } = patch
    weavable.push({ kind: 'hook', definition: hook.definition, number: programs.length, params })
    programs.push({ program: hook.program, params })
  }
  return { weavable, programs }
}
