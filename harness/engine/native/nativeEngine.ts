import { createHash } from 'node:crypto'
import { runtimeUnusable } from '../../errors/engine.js'
import type { ArmSpec, Engine, EngineArm } from '../engine.js'
import type { EngineOptions } from '../engineOptions.js'
import { openNativeArm } from './nativeArm.js'
import { compileRuntime, type RuntimeModule } from './runtimeModule.js'

/** Runs runtimes directly in V8: one worker an arm, one compiled module a blob, a fresh instance a call. */
export function openNativeEngine(options: EngineOptions): Engine {
  const compiled = new Map<string, Promise<RuntimeModule>>()
  const arms = new Set<EngineArm>()

  const runtimeOf = ({ name, wasm }: ArmSpec): Promise<RuntimeModule> => {
    const sha256 = createHash('sha256').update(wasm).digest('hex')
    const known = compiled.get(sha256)
    if (known) return known
    const runtime = compileRuntime(wasm, options.memoryLimitBytes).catch((cause: unknown) => {
      compiled.delete(sha256)
      throw runtimeUnusable({ arm: name, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
    })
    compiled.set(sha256, runtime)
    return runtime
  }

  return {
    name: 'native',
    openArm: async (spec) => {
      const arm = openNativeArm(spec, await runtimeOf(spec), options)
      arms.add(arm)
      return arm
    },
    close: async () => {
      await Promise.all([...arms].map((arm) => arm.close()))
      arms.clear()
      compiled.clear()
    },
  }
}
