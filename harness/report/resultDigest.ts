import { createHash } from 'node:crypto'
import { type RunResult, serialiseRunResult } from './runResult.js'

/** sha256, hex, of the canonical JSON of a result with the start at the epoch of time and no durations: equal for every
 *  faithful repetition of a run. */
export function resultDigest(result: RunResult): string {
  const timing = { startedAt: '1970-01-01T00:00:00.000Z', totalMs: 0, stagesMs: {} }
  return createHash('sha256')
    .update(serialiseRunResult({ ...result, timing }))
    .digest('hex')
}
