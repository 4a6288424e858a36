import type { Engine, EngineName } from './engine.js'
import { defaultEngineOptions, type EngineOptions } from './engineOptions.js'

/** Opens an engine; its code is loaded now, not with this file. Close it when done. */
export async function openEngine(name: EngineName, options: Partial<EngineOptions> = {}): Promise<Engine> {
  const all: EngineOptions = { ...defaultEngineOptions, ...options }
  all.signal?.throwIfAborted()
  if (name === 'native') {
    const { openNativeEngine } = await import('./native/nativeEngine.js')
    return openNativeEngine(all)
  }
  const { openChopsticksEngine } = await import('./chopsticks/chopsticksEngine.js')
  return openChopsticksEngine(all)
}
