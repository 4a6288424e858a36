import type { Engine } from '../engine.js'
import type { EngineOptions } from '../engineOptions.js'
export function openChopsticksEngine(_options: EngineOptions): Engine {
  throw new Error('todo')
}
