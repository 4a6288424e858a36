import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { runtimeFileUnreadable } from '../errors/run.js'
import { readChainSpec } from '../fork/chainSpec.js'
import { isPreset, shownEndpoint } from '../fork/rpc/endpoints.js'
import { openRpcFork } from '../fork/rpc/rpcFork.js'
import { CODE_KEY } from '../fork/storageParts.js'

/** A chain spec is many times its runtime, as hexadecimal. */
const maxFileBytes = 256 * 1024 * 1024
const maxCodeBytes = 50 * 1024 * 1024

/** `:code` with where it is from, as a person reads that. */
interface FoundCode {
  readonly code: Uint8Array
  readonly from: string
}

/** The runtime in a file, or the one that a chain runs at its last final block.
 *  @param source a file as `readCodeFile` takes it, the address of a node (ws, http) or a preset
 *  @throws E105, E520, E521 for a file, E220 to E228 for a node, the signal's reason */
export async function readCode(source: string, signal: AbortSignal): Promise<FoundCode> {
  if (!isEndpoint(source)) return { code: await readCodeFile(source), from: basename(source) }
  const fork = await openRpcFork([source], 'finalized', { cache: undefined, signal })
  try {
    const { chain, header } = fork.block
    const address = isPreset(source) ? source : shownEndpoint(source)
    return { code: fromHex(fork.code), from: `${address}, ${chain} at block ${header.number}` }
  } finally {
    await fork.close()
  }
}

/** A file may have the name of a preset. */
const isEndpoint = (source: string): boolean =>
  /^(ws|http)s?:/i.test(source) || (isPreset(source) && !existsSync(source))

/** `:code` as a file has it: a blob, compressed or not, its hexadecimal digits, or a chain spec that holds it.
 *  @throws E105, E520, E521 */
async function readCodeFile(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      if (size > maxFileBytes) throw new RangeError(`it is larger than ${maxFileBytes} bytes`)
      const bytes = await handle.readFile()
      const text = bytes.subarray(0, 64).toString('latin1').trimStart()
      if (text.startsWith('{')) return await codeOfSpec(file)
      if (/^(0x)?[0-9a-f]{8,}\s*$/i.test(text)) return fromHex(bytes.toString('latin1').trim())
      if (size > maxCodeBytes) throw new RangeError(`it is larger than ${maxCodeBytes} bytes`)
      return bytes
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'EpochdiffError') throw cause
    throw runtimeFileUnreadable({ file, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}

async function codeOfSpec(file: string): Promise<Uint8Array> {
  const { genesis } = await readChainSpec(file, undefined)
  const code = genesis.kind === 'plain' ? genesis.code : genesis.storage.get(CODE_KEY)
  return fromHex(code ?? '')
}

function fromHex(text: string): Uint8Array {
  const digits = text.replace(/^0x/, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new RangeError('its hexadecimal digits do not read')
  return Buffer.from(digits, 'hex')
}
