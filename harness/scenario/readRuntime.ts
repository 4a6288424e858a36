import { readFile, stat } from 'node:fs/promises'
import { candidateRuntimeUnreadable } from '../errors/patch.js'
import { runtimeFileUnreadable } from '../errors/run.js'
import { loadPrebuilt, type PrebuiltName } from '../runtime/prebuilt.js'
import { expandRuntime } from '../runtime/runtimeBlob.js'

/** As in nodes: a larger `:code` is refused. */
const maxBlobBytes = 50 * 1024 * 1024

/** The runtime of the baseline, uncompressed: a build of the reference runtime, or a blob (compressed or not).
 *  @throws E314, E315 for the reference runtime; E105, E316 for a file */
export async function readRuntime(
  file: string | undefined,
  reference: PrebuiltName = 'epochdiff_runtime',
): Promise<Uint8Array> {
  if (file === undefined) return expandRuntime(loadPrebuilt(reference).wasm)
  return readBlob(file, (reason, cause) => runtimeFileUnreadable({ file, reason }, { cause }))
}

/** The blob of a code patch, uncompressed.
 *  @throws E367, E316 */
export async function readCandidateRuntime(file: string, at: string): Promise<Uint8Array> {
  return readBlob(file, (reason, cause) => candidateRuntimeUnreadable({ at, file, reason }, { cause }))
}

async function readBlob(file: string, refuse: (reason: string, cause: unknown) => Error): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size > maxBlobBytes) throw new RangeError(`it is larger than ${maxBlobBytes} bytes`)
    return expandRuntime(await readFile(file))
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'EpochdiffError') throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    throw refuse(code === 'ENOENT' ? 'there is no such file' : message, cause)
  }
}
