import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Decompress } from 'fzstd'
import { snapshotUnreadable } from '../../errors/chain.js'
import { blockHash } from '../blockHeader.js'
import type { Hex } from '../forkState.js'
import { CODE_KEY } from '../storageParts.js'
import { type Manifest, manifestSchema } from './manifest.js'
import { entryLine, sha256 } from './writeSnapshot.js'

export interface Snapshot {
  readonly manifest: Manifest
  readonly metadata: Hex
  readonly storage: ReadonlyMap<Hex, Hex>
}

interface SnapshotBounds {
  /** Of all lines together: the state has to fit in memory. */
  readonly maxBytes: number
  /** Of a line: a runtime of 50 MiB in hexadecimal has room. */
  readonly maxLineBytes: number
}

const defaultBounds: SnapshotBounds = { maxBytes: 4 * 2 ** 30, maxLineBytes: 128 * 2 ** 20 }

/** Decompressed at once: a few bytes can stand for a block of 128 KiB. */
const STEP_BYTES = 4 * 1024

const HEX = /^0x(?:[0-9a-f]{2})*$/
const longestKey = 2 + 2 * 1_024

/** Reads a snapshot and checks it against its own sums and its header's hash.
 *  @throws E230 for a file that is no snapshot, was cut short or altered, or is larger than the bounds */
export async function readSnapshot(file: string, bounds = defaultBounds): Promise<Snapshot> {
  const refuse = (reason: string, cause?: unknown) => snapshotUnreadable({ file, reason }, { cause })
  const whole = createHash('sha256')
  const state = createHash('sha256')
  const storage = new Map<Hex, Hex>()
  let manifest: Manifest | undefined
  let metadata: Hex | undefined
  let lastKey = ''
  let trailer: string | undefined

  const take = (line: string): void => {
    if (trailer !== undefined) throw refuse('something follows its end')
    if (manifest === undefined) {
      manifest = parseManifest(line, refuse)
    } else if (metadata === undefined) {
      if (!HEX.test(line)) throw refuse('its metadata is not hexadecimal')
      metadata = line as Hex
    } else if (line.includes(' ')) {
      const [key = '', value = ''] = line.split(' ')
      if (!HEX.test(key) || !HEX.test(value) || key.length > longestKey || key <= lastKey)
        throw refuse(`entry ${storage.size + 1} is not one, or is out of order`)
      lastKey = key
      storage.set(key as Hex, value as Hex)
      state.update(entryLine([key as Hex, value as Hex]))
    } else {
      trailer = line
      return
    }
    whole.update(`${line}\n`)
  }

  try {
    for await (const line of linesOf(file, bounds, refuse)) take(line)
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'EpochdiffError') throw cause
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause)
  }
  if (manifest === undefined || metadata === undefined || trailer === undefined) throw refuse('it is cut short')
  if (trailer !== whole.digest('hex')) throw refuse('its contents do not have the sha256 that its end states')
  const { header, block, entries, sha256: sums } = manifest
  const code = storage.get(CODE_KEY)
  if (code === undefined) throw refuse('it has no runtime')
  if (
    entries !== storage.size ||
    sums.state !== state.digest('hex') ||
    sums.metadata !== sha256(metadata) ||
    sums.code !== sha256(code)
  )
    throw refuse('its manifest states other contents')
  if (blockHash(header) !== block.hash || header.number !== block.number)
    throw refuse('its header does not have the hash of its block')
  const wrong = manifest.absent.find((key) => storage.has(key))
  if (wrong !== undefined) throw refuse(`it says both that ${wrong} has an entry and that it has none`)
  return { manifest, metadata, storage }
}

type Refuse = (reason: string, cause?: unknown) => Error

function parseManifest(line: string, refuse: Refuse): Manifest {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (cause) {
    throw refuse('it is no snapshot of epochdiff', cause)
  }
  const parsed = manifestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw refuse(`its manifest: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
}

/** Lines of a zstd file, never more than the bounds in memory. */
async function* linesOf(
  file: string,
  { maxBytes, maxLineBytes }: SnapshotBounds,
  refuse: Refuse,
): AsyncGenerator<string> {
  let chunks: Uint8Array[] = []
  let bytes = 0
  const decompress = new Decompress((chunk) => {
    bytes += chunk.length
    if (bytes > maxBytes) throw refuse(`it holds more than ${maxBytes} bytes`)
    chunks.push(chunk)
  })
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const compressed of createReadStream(file, { highWaterMark: STEP_BYTES })) {
    decompress.push(compressed as Uint8Array)
    for (const chunk of chunks) {
      let from = 0
      const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, from)) {
        rest.push(buffer.subarray(from, end))
        yield Buffer.concat(rest).toString('latin1')
        rest = []
        restBytes = 0
        from = end + 1
      }
      // A copy: the decompressor may use its buffer again.
      rest.push(Buffer.from(buffer.subarray(from)))
      restBytes += buffer.length - from
      if (restBytes > maxLineBytes) throw refuse(`a line is longer than ${maxLineBytes} bytes`)
    }
    chunks = []
  }
  if (restBytes > 0) throw refuse('it is cut short')
}
