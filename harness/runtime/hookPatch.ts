import type { HookParam } from './hookPolicy.js'
/** A hook's file, ready to be run. */
export interface HookProgram extends Pick<HookPatch, 'file' | 'sha256'> {
  /** CommonJS. */
  readonly code: string
  /** JSON, from the code to the file. */
  readonly sourceMap: string
}

/** A policy in TypeScript, called from inside the runtime. Native engine only. */
export interface HookPatch {
  readonly kind: 'hook'
  /** As the scenario states it. */
  readonly file: string
  /** Of the file, hex. */
  readonly sha256: string
  readonly params: Readonly<Record<string, HookParam>>
}

/** What a hook's file defines. */
export interface HookDefinition {
  readonly name: string
  /** Its functions. */
  readonly members: readonly HookMember[]
}

export type HookMember = 'stakeWeights' | 'rolePools' | 'epochRewards'
