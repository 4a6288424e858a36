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

// Whoever started this process hears of them too, and ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit())
process.once('message', (program: HookProgram) => process.send?.(probe(program)))
