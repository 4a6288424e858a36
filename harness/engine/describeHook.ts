import { hookOverMemory } from '../errors/hooks.js'
import type { HookDefinition, HookProgram } from '../runtime/hookPatch.js'
import { hookError } from './native/hooks/hookFault.js'
import { endedByV8, forkHooks } from './native/hooks/hookProcess.js'
import type { ProbeAnswer } from './native/hooks/hookProbe.js'

const limitMiB = 256

/** Runs a hook's file in a process of its own, with limits, to learn what it defines.
 *  @throws E343 to E347 */
export async function describeHook(program: HookProgram): Promise<HookDefinition> {
  const child = forkHooks('hookProbe', [`--max-old-space-size=${limitMiB}`])
  try {
    const answer = await new Promise<ProbeAnswer>((resolve, reject) => {
      child.on('message', resolve).on('error', reject)
      child.on('close', (code, signal) => {
        if (endedByV8(code, signal)) reject(hookOverMemory({ files: [program.file], limitMiB }))
        else reject(new Error(`The probe of ${program.file} ended without an answer.`))
      })
      child.send(program)
    })
    if ('fault' in answer) throw hookError(answer.fault)
    return answer.definition
  } finally {
    child.kill('SIGKILL')
  }
}
