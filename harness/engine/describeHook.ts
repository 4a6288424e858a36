import { Worker } from 'node:worker_threads'
import { hookOverMemory } from '../errors/hooks.js'
import type { HookDefinition, HookProgram } from '../runtime/hookPatch.js'
import { hookError } from './native/hooks/hookFault.js'
import type { ProbeAnswer } from './native/hooks/hookProbe.js'

// Run from TypeScript sources (under a test runner), the worker is the compiled file.
const probeUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/engine/native/hooks/hookProbe.js' : './native/hooks/hookProbe.js',
  import.meta.url,
)
const limitMiB = 256

/** Runs a hook's file in a worker, with limits, to learn what it defines.
 *  @throws E343 to E347 */
export async function describeHook(program: HookProgram): Promise<HookDefinition> {
  const worker = new Worker(probeUrl, {
    workerData: program,
    name: `epochdiff ${program.file}`,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: limitMiB },
  })
  try {
    const answer = await new Promise<ProbeAnswer>((resolve, reject) => {
      worker.on('message', resolve).on('error', reject)
      worker.on('exit', () => reject(new Error(`The probe of ${program.file} ended without an answer.`)))
    })
    if ('fault' in answer) throw hookError(answer.fault)
    return answer.definition
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error
    throw hookOverMemory({ files: [program.file], limitMiB })
  } finally {
    await worker.terminate()
  }
}
