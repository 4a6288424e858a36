import { resolve } from 'node:path'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { parseStoragePath } from '../fork/storagePath.js'
import type { PatchPlace } from '../patch/applyPatches.js'
import type { HookProgram } from '../runtime/hookPatch.js'
import type { Patch } from '../runtime/patch.js'
import { checkPolicyParams } from '../runtime/policies.js'
import type { PolicyPatch } from '../runtime/policy.js'
import { patchSchemas, type PatchKind } from './patchSchemas.js'
import { problemError, validatePart } from './validate.js'
import type { YamlFile } from './yamlFile.js'

type WrittenPatch = Readonly<Record<string, unknown>> & { readonly kind: PatchKind }

export interface LoadedPatch {
  readonly patch: Patch
  /** Of a hook. */
  readonly program?: HookProgram
}

/** One patch of a scenario, checked as far as a file can be without the runtime it acts on.
 *  @param folder of the scenario
 *  @throws E103 with the place in the file; E340, E342 about a hook's file */
export async function loadPatch(
  yaml: YamlFile,
  patch: WrittenPatch,
  index: number,
  folder: string,
): Promise<LoadedPatch> {
  const place = ['patches', index]
  switch (patch.kind) {
    case 'policy':
      return { patch: checkPolicy(yaml, patch, place) }
    case 'hook': {
      const { kind, file, params = {} } = validatePart(yaml, place, patchSchemas.hook, patch)
      const { readHookFile } = await import('../runtime/hookFile.js')
      const program = await readHookFile(resolve(folder, file), file)
      return { patch: { kind, file, sha256: program.sha256, params }, program }
    }
    case 'code': {
      const { kind, wasm, allow = [] } = validatePart(yaml, place, patchSchemas.code, patch)
      return { patch: { kind, wasm, allow: [...new Set(allow)].sort() } }
    }
    case 'storage': {
      const { kind, set } = validatePart(yaml, place, patchSchemas.storage, patch)
      const writes = Object.entries(set).map(([path, value]) => {
        requireStoragePath(yaml, [...place, 'set'], path)
        return { path, value }
      })
      return { patch: { kind, set: writes } }
    }
    case 'call': {
      const { kind, call, args = {} } = validatePart(yaml, place, patchSchemas.call, patch)
      return { patch: { kind, call, args } }
    }
  }
}

/** Where a patch stands in its file, and each entry that it sets. */
export function placeOf(yaml: YamlFile, patch: Patch, index: number): PatchPlace {
  const place = ['patches', index]
  const entries = patch.kind === 'storage' ? patch.set.map(({ path }) => path) : []
  return {
    at: yaml.at(place),
    entries: Object.fromEntries(entries.map((path) => [path, yaml.atKey([...place, 'set'], path)])),
  }
}

function requireStoragePath(yaml: YamlFile, place: readonly PropertyKey[], path: string): void {
  try {
    parseStoragePath(path)
  } catch (cause) {
    const fix = 'Write an entry as Pallet.Item or, of a map, Pallet.Item(key, key): SubtensorModule.Kappa(31).'
    throw problemError(yaml, { path: place, key: path, problem: (cause as Error).message, fix }, 0)
  }
}

/** The policy's definition says what it takes; here its error gets the place in the file. */
function checkPolicy(yaml: YamlFile, patch: WrittenPatch, place: readonly PropertyKey[]): PolicyPatch {
  const { policy } = patch
  if (typeof policy !== 'string') {
    const problem = policy === undefined ? 'is missing' : `${String(policy)} is not accepted, expected a name`
    const fix = 'policy: Name of the policy, as `epochdiff policies` lists them.'
    throw problemError(yaml, { path: [...place, 'policy'], key: undefined, problem, fix }, 0)
  }
  const params = Object.fromEntries(Object.entries(patch).filter(([key]) => key !== 'kind' && key !== 'policy'))
  // The policy by itself first, then each parameter alone: so the failing one is known.
  const attempts: [path: PropertyKey[], params: Record<string, unknown>][] = [
    [[...place, 'policy'], {}],
    ...Object.entries(params).map(([name, value]): [PropertyKey[], Record<string, unknown>] => [
      [...place, name],
      { [name]: value },
    ]),
  ]
  for (const [path, only] of attempts) {
    try {
      checkPolicyParams(policy, only)
    } catch (cause) {
      if (!(cause instanceof EpochdiffError)) throw cause
      throw problemError(yaml, { path, key: undefined, problem: cause.short.replace(/\.$/, ''), fix: cause.fix }, 0)
    }
  }
  return checkPolicyParams(policy, params)
}
