import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { reportNotWritable } from '../errors/bundle.js'

/** Writes a file that appears complete or not at all; an older one is replaced.
 *  @throws E721 */
export async function writeReport(file: string, pieces: Iterable<string>): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}`)
  try {
    await writePieces(draft, pieces)
    await rename(draft, file)
  } catch (cause) {
    await rm(draft, { force: true })
    if (!(cause instanceof Error) || !('code' in cause) || cause.name === 'EpochdiffError') throw cause
    throw reportNotWritable({ file, reason: cause.message }, { cause })
  }
}

/** A new file, on disk when this returns. */
export async function writePieces(file: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  const handle = await open(file, 'wx')
  try {
    for (const piece of pieces) await handle.writeFile(piece)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
