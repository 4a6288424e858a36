import type { RuntimeLog } from '../engine.js'
import type { EngineOptions } from '../engineOptions.js'

export type LogLevel = EngineOptions['logLevel']

const levels: readonly LogLevel[] = ['off', 'error', 'warn', 'info', 'debug', 'trace']
const lineLimit = 10_000
export const messageLimitBytes = 16_384

/** What the runtime logged in one call: at most 10,000 lines, later ones are counted. */
export class LogBook {
  readonly lines: RuntimeLog[] = []
  readonly maxLevel: number
  #dropped = 0

  constructor(level: LogLevel) {
    this.maxLevel = levels.indexOf(level)
  }

  reset(): void {
    this.lines.length = 0
    this.#dropped = 0
  }

  /** @param level 1 (error) to 5 (trace), as the runtime passes it; others count as trace */
  add(level: number, target: string, message: string): void {
    if (level > this.maxLevel) return
    if (this.lines.length === lineLimit) this.#dropped += 1
    else this.lines.push({ level: levelName(level), target, message })
  }

  /** The lines of the call, with a last one that says how many are missing. */
  take(): RuntimeLog[] {
    const lines = [...this.lines]
    if (this.#dropped > 0)
      lines.push({ level: 'warn', target: 'epochdiff', message: `${this.#dropped} more lines were dropped.` })
    return lines
  }
}

function levelName(level: number): RuntimeLog['level'] {
  const name = levels[level]
  return name === undefined || name === 'off' ? 'trace' : name
}
