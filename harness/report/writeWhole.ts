import { rename, rm, writeFile } from 'node:fs/promises'
import { outputNotWritable } from '../errors/output.js'

/** Writes a file whole or not at all: under another name beside it first.
 *  @throws E702 */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const staging = `${file}.${process.pid}.tmp`
  try {
    await writeFile(staging, bytes)
    await rename(staging, file)
  } catch (cause) {
    await rm(staging, { force: true })
    throw outputNotWritable({ folder: file, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}
