import { parentPort, workerData } from 'node:worker_threads'
import type { HookDefinition, HookProgram } from '../../../runtime/hookPatch.js'
import { HookFault, type HookFaultMessage } from './hookFault.js'
import { openSandbox } from './sandbox.js'

/** What the probe found. */
export type ProbeAnswer = { readonly definition: HookDefinition } | { readonly fault: HookFaultMessage }

// Loads one hook and says what it defines.

const nothing = (): never => {
  throw new Error('there is no chain yet while the file is loaded')
}

function probe(program: HookProgram): ProbeAnswer {
  try {
    const print = (line: string): unknown => process.stderr.write(`${line}\n`)
    return { definition: openSandbox(program, {}, { uids: nothing, storage: nothing, print }).definition }
  } catch (error) {
    if (error instanceof HookFault) return { fault: error.fault }
    throw error
  }
}

parentPort?.postMessage(probe(workerData as HookProgram))
