import { readFile, stat } from 'node:fs/promises'
import { runtimeFileUnreadable } from '../errors/run.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import { expandRuntime } from '../runtime/runtimeBlob.js'

/** As in nodes: a larger `:code` is refused. */
const maxBlobBytes = 50 * 1024 * 1024

/** The runtime of the baseline, uncompressed: the reference runtime, or a blob (compressed or not).
 *  @throws E314, E315 for the reference runtime; E105, E316 for a file */
export async function readRuntime(file: string | undefined): Promise<Uint8Array> {
  if (file === undefined) return expandRuntime(loadPrebuilt('epochdiff_runtime').wasm)
  try {
    const { size } = await stat(file)
    if (size > maxBlobBytes) throw new RangeError(`it is larger than ${maxBlobBytes} bytes`)
    return expandRuntime(await readFile(file))
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'EpochdiffError') throw cause
    throw runtimeFileUnreadable({ file, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}
