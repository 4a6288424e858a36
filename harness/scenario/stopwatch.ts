import type { RunResult } from '../report/runResult.js'

/** Measures the stages of a run. */
export function openStopwatch(): { lap(stage: string): void; timing(): RunResult['timing'] } {
  const startedAt = new Date().toISOString()
  const start = performance.now()
  const stagesMs: Record<string, number> = {}
  let last = start
  return {
    lap(stage) {
      const now = performance.now()
      stagesMs[stage] = Math.round(now - last)
      last = now
    },
    timing: () => ({ startedAt, totalMs: Math.round(performance.now() - start), stagesMs }),
  }
}
