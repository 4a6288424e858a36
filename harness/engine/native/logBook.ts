import type { RuntimeLog } from '../engine.js'
import type { EngineOptions } from '../engineOptions.js'
import { levelName, maxLevelOf } from '../logLevel.js'

const lineLimit = 10_000
export const messageLimitBytes = 16_384

/** What the runtime logged in one call: at most 10,000 lines, later ones are counted. Errors are kept at every level: a panic is one. */
export class LogBook {
  readonly maxLevel: number
  readonly #lines: RuntimeLog[] = []
  #dropped = 0

  constructor(level: EngineOptions['logLevel']) {
    this.maxLevel = maxLevelOf(level)
  }

  reset(): void {
    this.#lines.length = 0
    this.#dropped = 0
  }

  /** @param level 0 (error) to 4 (trace), as the runtime passes it */
  add(level: number, target: string, message: string): void {
    if (level > 0 && level >= this.maxLevel) return
    if (this.#lines.length === lineLimit) this.#dropped += 1
    else this.#lines.push({ level: levelName(level), target, message })
  }

  /** The lines of the call, with a last one that says how many are missing. */
  take(): RuntimeLog[] {
    if (this.#dropped === 0) return [...this.#lines]
    return [
      ...this.#lines,
      { level: 'warn', target: 'epochdiff', message: `${this.#dropped} more lines were dropped.` },
    ]
  }
}
