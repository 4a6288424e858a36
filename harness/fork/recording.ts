import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { z } from 'zod'
import { dataAltered, dataInvalid, dataMissing } from '../errors/fork.js'

const MAX_FILE_BYTES = 8 * 1024 * 1024
const MAX_JSON_BYTES = 64 * 1024 * 1024

/** How a fork file names its recording. */
export const recordingFile = {
  data: z.string().min(1).max(1000).describe('The recording, relative to this file.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits')
    .describe('SHA-256 of the recording: a run on altered data stops.'),
}

/** The JSON of a packed file of recorded data.
 *  @param sha256 of the file as it is on disk, lower-case hexadecimal
 *  @throws E211 when the file cannot be read, E212 when its sum is another, E213 when it is no gzip of JSON */
export async function readRecording(file: string, sha256: string): Promise<unknown> {
  const packed = await readBounded(file)
  const found = createHash('sha256').update(packed).digest('hex')
  if (found !== sha256) throw dataAltered({ file, expected: sha256, found })
  try {
    return JSON.parse((await promisify(gunzip)(packed, { maxOutputLength: MAX_JSON_BYTES })).toString('utf8'))
  } catch (cause) {
    throw dataInvalid({ file, reason: `it is no gzip of JSON (${(cause as Error).message})` }, { cause })
  }
}

/** @param file shown in errors
 *  @throws E213 naming the first thing that is wrong */
export function parseRecording<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.join('.') ?? ''
  throw dataInvalid({ file, reason: `${path === '' ? 'the file' : path}: ${issue?.message ?? 'unknown fault'}` })
}

async function readBounded(file: string): Promise<Buffer> {
  try {
    const entry = await stat(file)
    if (!entry.isFile()) throw new Error('it is not a file')
    if (entry.size > MAX_FILE_BYTES) throw new Error(`it has ${entry.size} bytes, at most ${MAX_FILE_BYTES} are taken`)
    return await readFile(file)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw dataMissing({ file, reason: code === 'ENOENT' ? 'there is no such file' : message }, { cause })
  }
}
