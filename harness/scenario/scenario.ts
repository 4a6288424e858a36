import type { z } from 'zod'
import type { BuiltInFork } from '../fork/builtInFork.js'
import type { BlockChoice } from '../fork/rpc/pinBlock.js'
import type { ChainSpecFork } from '../fork/chainSpec.js'
import type { PatchPlace } from '../patch/applyPatches.js'
import type { HookProgram } from '../runtime/hookPatch.js'
import type { Patch } from '../runtime/patch.js'
import type { CallSites } from '../runtime/weave.js'
import type { replaySchema, scenarioSchema } from './schema.js'

/** A fork that is read from nodes. */
export interface RpcForkSpec {
  /** Addresses or presets, in the order they are tried. */
  readonly rpc: readonly string[]
  readonly block: BlockChoice
}

/** A fork that is read from a file. */
export interface SnapshotForkSpec {
  /** As the fork file or the command line states it. */
  readonly snapshot: string
}

/** A scenario as it runs: valid, defaults and overrides filled in, free of paths of the machine it runs on. */
export interface Scenario {
  readonly version: 1
  readonly name: string
  readonly title: string
  readonly description: string | undefined
  readonly fork: BuiltInFork | ChainSpecFork | RpcForkSpec | SnapshotForkSpec
  /** `reference`, `on-chain`, or the path of a blob as the file states it. */
  readonly runtime: string
  /** Netuids. */
  readonly subnets: readonly number[]
  readonly replay: Readonly<z.infer<typeof replaySchema>>
  readonly patches: readonly Patch[]
  /** Which calls of a hook meet the policies. */
  /** Each patch is also run alone, and all but each. */
  readonly attribution: true | undefined
  readonly callSites: CallSites
  readonly expect: readonly Expectation[]
}

type Expectation = Readonly<NonNullable<z.infer<typeof scenarioSchema>['expect']>[number]>

export interface LoadedScenario {
  readonly scenario: Scenario
  /** Name of its file, without folders. */
  readonly file: string
  /** Path of the recording, chain spec or snapshot of its fork; `undefined` for a fork without one. */
  readonly dataFile: string | undefined
  /** Path of raw storage on top of a chain spec. */
  readonly storageFile: string | undefined
  /** Path of the runtime's blob; `undefined` for the reference runtime and for that of the fork. */
  readonly runtimeFile: string | undefined
  /** Path of the blob of its code patch; `undefined` without one. */
  readonly codeFile: string | undefined
  /** The hooks' files, by the name that the scenario states. */
  readonly hookPrograms: ReadonlyMap<string, HookProgram>
  /** Where each patch of the scenario was stated. */
  readonly patchPlaces: readonly PatchPlace[]
  /** Paths of everything it is read from: its own file first, then fork file, recording, runtime. */
  readonly inputFiles: readonly string[]
  /** As given, in order. */
  readonly overrides: readonly string[]
}
