import { basename, dirname, resolve } from 'node:path'
import { type BuiltInFork, type BuiltInName, builtInForks } from '../fork/builtInFork.js'
import type { PatchPlace } from '../patch/applyPatches.js'
import type { Patch } from '../runtime/patch.js'
import { jsonSchemaOf, scenarioJsonSchema } from './jsonSchema.js'
import { loadPatch, placeOf } from './loadPatch.js'
import { applyOverrides } from './overrides.js'
import type { LoadedScenario, Scenario } from './scenario.js'
import {
  type BuiltInFile,
  chainSpecSchema,
  forkHeadSchema,
  forkSchemas,
  recordedEpochs,
  rpcSchema,
  scenarioSchema,
  snapshotSchema,
} from './schema.js'
import { problemError, validateYaml } from './validate.js'
import { readYamlFile, type YamlFile } from './yamlFile.js'

/** A scenario file and the fork file it names, checked, with `--set` overrides applied.
 *  @param overrides as given to `--set`
 *  @throws E101 file missing, E102 no such YAML, E103 not understood (file:line:column, key), E104 override, E340 and E342 the
 *  file of a hook */
export async function loadScenario(file: string, overrides: readonly string[] = []): Promise<LoadedScenario> {
  const yaml = await readYamlFile(file)
  const written = validateYaml(yaml, scenarioSchema, scenarioJsonSchema())
  const loaded = await Promise.all(written.patches.map((patch, index) => loadPatch(yaml, patch, index, dirname(file))))
  const patches = loaded.map(({ patch }) => patch)
  const hookPrograms = new Map(
    loaded.flatMap(({ program }) => (program === undefined ? [] : [[program.file, program]])),
  )
  const hookFiles = [...hookPrograms.keys()].map((hook) => resolve(dirname(file), hook))
  requireOneRuntime(yaml, patches)
  const forkFile = resolve(dirname(file), written.fork)
  const { fork, ...files } = await loadFork(forkFile)
  const { version, name, title, description, runtime, subnets, replay, callSites, attribution, expect = [] } = written
  if ('builtIn' in fork) requireSubnets(yaml, subnets, fork.builtIn)
  requireRuntime(yaml, runtime, fork)
  requireRecordedEpochs(yaml, fork, replay)
  const named = runtime !== 'reference' && runtime !== 'on-chain'
  const runtimeFile = named ? resolve(dirname(file), runtime) : undefined
  const scenario = applyOverrides(
    { version, name, title, description, fork, runtime, subnets, replay, patches, attribution, callSites, expect },
    overrides,
  )
  const codeFile = codeFileOf(scenario.patches, patches, dirname(file))
  return {
    scenario,
    file: basename(file),
    runtimeFile,
    ...files,
    inputFiles: [
      ...new Set([resolve(file), forkFile, files.dataFile, files.storageFile, runtimeFile, codeFile, ...hookFiles]),
    ].filter((path) => path !== undefined),
    codeFile,
    hookPrograms,
    patchPlaces: placesOf(yaml, scenario.patches, patches),
    overrides,
  }
}

function requireOneRuntime(yaml: YamlFile, patches: readonly Patch[]): void {
  const kinds = patches.map(({ kind }) => kind)
  const second = kinds.lastIndexOf('code')
  if (second === kinds.indexOf('code')) return
  const problem = 'a code patch stands twice, and the candidate runs one runtime'
  throw problemError(yaml, { path: ['patches', second], key: undefined, problem, fix: 'Leave one of them.' }, 0)
}

/** A blob that the file names lies beside it, one that an override names in the current folder. */
function codeFileOf(patches: readonly Patch[], written: readonly Patch[], folder: string): string | undefined {
  const wasmOf = (of: readonly Patch[]) => of.find((patch) => patch.kind === 'code')?.wasm
  const wasm = wasmOf(patches)
  if (wasm === undefined) return undefined
  return wasm === wasmOf(written) ? resolve(folder, wasm) : resolve(wasm)
}

/** An override may put a code patch before the others. */
function placesOf(yaml: YamlFile, patches: readonly Patch[], written: readonly Patch[]): PatchPlace[] {
  const added = patches.length - written.length
  return patches.map((patch, index) =>
    index < added ? { at: '--runtime', entries: {} } : placeOf(yaml, patch, index - added),
  )
}

interface LoadedFork extends Pick<LoadedScenario, 'dataFile' | 'storageFile'> {
  readonly fork: Scenario['fork']
}

async function loadFork(file: string): Promise<LoadedFork> {
  const yaml = await readYamlFile(file)
  const kind = Object.keys(Object(yaml.value)).find((key) => ['chainSpec', 'rpc', 'snapshot'].includes(key))
  if (kind === 'chainSpec') return loadChainSpec(yaml, file)
  if (kind === 'rpc') {
    const { rpc, block = 'finalized' } = validateYaml(yaml, rpcSchema, jsonSchemaOf(rpcSchema))
    return { fork: { rpc: [rpc].flat(), block }, dataFile: undefined, storageFile: undefined }
  }
  if (kind === 'snapshot') {
    const { snapshot } = validateYaml(yaml, snapshotSchema, jsonSchemaOf(snapshotSchema))
    return { fork: { snapshot }, dataFile: resolve(dirname(file), snapshot), storageFile: undefined }
  }
  return { ...loadBuiltIn(yaml, file), storageFile: undefined }
}

function loadChainSpec(yaml: YamlFile, file: string): LoadedFork {
  const { chainSpec, preset, storage, sha256 } = validateYaml(yaml, chainSpecSchema, jsonSchemaOf(chainSpecSchema))
  return {
    fork: { chainSpec, preset, storage, sha256 },
    dataFile: resolve(dirname(file), chainSpec),
    storageFile: storage === undefined ? undefined : resolve(dirname(file), storage),
  }
}

function loadBuiltIn(yaml: YamlFile, file: string): { fork: BuiltInFork; dataFile: string | undefined } {
  const { builtIn } = validateYaml(yaml, forkHeadSchema, jsonSchemaOf(forkHeadSchema))
  const written = validateYaml<BuiltInFile>(yaml, forkSchemas[builtIn], jsonSchemaOf(forkSchemas[builtIn]))
  switch (written.builtIn) {
    case 'sn31': {
      const { builtIn, sha256, assume } = written
      return { fork: { builtIn, sha256, assume }, dataFile: resolve(dirname(file), written.data) }
    }
    case 'small':
      return { fork: { builtIn: written.builtIn, seed: written.seed }, dataFile: undefined }
    case 'mainnet-shape': {
      const { builtIn, sha256, seed, uidScale } = written
      return { fork: { builtIn, sha256, seed, uidScale }, dataFile: resolve(dirname(file), written.data) }
    }
  }
}

function requireSubnets(yaml: YamlFile, netuids: readonly number[], builtIn: BuiltInName): void {
  const has: readonly number[] = builtInForks[builtIn].netuids
  const index = netuids.findIndex((netuid) => !has.includes(netuid))
  if (index < 0) return
  const problem = `${netuids[index]} is not accepted, the fork ${builtIn} has no such subnet`
  const [first, last] = [has[0], has.at(-1)]
  const fix = has.length === 1 ? `Use subnet ${first}, which the fork has alone.` : `Use subnets ${first} to ${last}.`
  throw problemError(yaml, { path: ['subnets', index], key: undefined, problem, fix }, 0)
}

/** A built-in fork has no runtime of its own, and the reference runtime knows only the storage it was made for. */
function requireRuntime(yaml: YamlFile, runtime: string, fork: Scenario['fork']): void {
  if (runtime !== 'on-chain' || !('builtIn' in fork)) return
  const problem = 'on-chain is not accepted, a built-in fork has no runtime of its own'
  throw problemError(yaml, { path: ['runtime'], key: undefined, problem, fix: 'Use reference, or a blob.' }, 0)
}

function requireRecordedEpochs(yaml: YamlFile, fork: Scenario['fork'], replay: Scenario['replay']): void {
  const recorded = recordedEpochs(fork) ?? Infinity
  if (replay.epochs <= recorded) return
  const problem = `${replay.epochs} is not accepted, the recording has ${recorded} epochs`
  const fix = `Replay 1 to ${recorded} epochs of it.`
  throw problemError(yaml, { path: ['replay', 'epochs'], key: undefined, problem, fix }, 0)
}
