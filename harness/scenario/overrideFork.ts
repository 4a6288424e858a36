import { resolve } from 'node:path'
import { usageFailure } from '../errors/cli.js'
import type { Hex } from '../fork/forkState.js'
import type { BlockChoice } from '../fork/rpc/pinBlock.js'
import type { LoadedScenario } from './scenario.js'

/** What the command line says of the fork, instead of the scenario's fork file. */
export interface ForkChoice {
  /** Addresses or presets. */
  readonly rpc: readonly string[]
  /** Number or hash of a block, or `finalized`. */
  readonly block: string | undefined
  /** Path. */
  readonly snapshot: string | undefined
}

/** The scenario on another fork.
 *  @throws E701 when the choice contradicts itself */
export function overrideFork(loaded: LoadedScenario, { rpc, block, snapshot }: ForkChoice): LoadedScenario {
  const { scenario } = loaded
  if (snapshot !== undefined) {
    if (rpc.length > 0 || block !== undefined)
      throw usageFailure({ message: '--snapshot states the block by itself: leave out --rpc and --block.' })
    return standingOn({ ...loaded, scenario: { ...scenario, fork: { snapshot } } }, resolve(snapshot))
  }
  const written = 'rpc' in scenario.fork ? scenario.fork : undefined
  if (rpc.length === 0 && block === undefined) return loaded
  if (rpc.length === 0 && written === undefined)
    throw usageFailure({ message: '--block needs --rpc: the fork of this scenario is not read from nodes.' })
  const fork = {
    rpc: rpc.length > 0 ? rpc : (written?.rpc ?? []),
    block: block === undefined ? (written?.block ?? 'finalized') : parseBlock(block),
  }
  return standingOn({ ...loaded, scenario: { ...scenario, fork } }, undefined)
}

/** The scenario with another data file than its fork file's. */
export function standingOn(loaded: LoadedScenario, dataFile: string | undefined): LoadedScenario {
  const others = loaded.inputFiles.filter((file) => file !== loaded.dataFile && file !== loaded.storageFile)
  const inputFiles = [...new Set([...others, ...(dataFile === undefined ? [] : [dataFile])])]
  return { ...loaded, dataFile, storageFile: undefined, inputFiles }
}

/** @throws usage failure */
function parseBlock(text: string): BlockChoice {
  if (text === 'finalized') return text
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase() as Hex
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number < 2 ** 32) return number
  throw usageFailure({ message: `--block takes a number, a hash or "finalized", not "${text}".` })
}

/** @throws usage failure */
export function parseTrustedHash(text: string | undefined): Hex | undefined {
  if (text === undefined) return undefined
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase() as Hex
  throw usageFailure({ message: `--trusted-hash takes the hash of a block, not "${text}".` })
}
