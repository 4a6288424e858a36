import type { RuntimeLog } from './engine.js'
import type { EngineOptions } from './engineOptions.js'

const levels: readonly RuntimeLog['level'][] = ['error', 'warn', 'info', 'debug', 'trace']

/** The number by which a host tells a runtime how much to log: 0 nothing, 5 everything. */
export function maxLevelOf(level: EngineOptions['logLevel']): number {
  return level === 'off' ? 0 : levels.indexOf(level) + 1
}

/** Name of the level that a runtime passes with a line: 0 (error) to 4 (trace). */
export function levelName(level: number): RuntimeLog['level'] {
  return levels[level] ?? 'trace'
}
