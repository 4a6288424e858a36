import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { resultFileUnreadable } from '../errors/bundle.js'
import { parseRunResult, type RunResult } from './runResult.js'

/** Larger than any result; below what a string can hold. */
const maxBytes = 500_000_000

/** The result of a bundle's folder, or of a file.
 *  @throws E720 when it cannot be read, E703 when it is no result of this version */
export async function readResult(path: string): Promise<RunResult> {
  let text: string
  try {
    const file = (await stat(path)).isDirectory() ? join(path, 'result.json') : path
    const { size } = await stat(file)
    if (size > maxBytes) throw new RangeError(`it has ${size} bytes, at most ${maxBytes} are taken`)
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw resultFileUnreadable({ path, reason: code === 'ENOENT' ? 'there is no result' : message }, { cause })
  }
  return parseRunResult(text)
}
