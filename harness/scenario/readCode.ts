import { open } from 'node:fs/promises'
import { runtimeFileUnreadable } from '../errors/run.js'
import { readChainSpec } from '../fork/chainSpec.js'
import { CODE_KEY } from '../fork/storageParts.js'

/** A chain spec is many times its runtime, as hexadecimal. */
const maxFileBytes = 256 * 1024 * 1024
const maxCodeBytes = 50 * 1024 * 1024

/** `:code` as a file has it: a blob, compressed or not, its hexadecimal digits, or a chain spec that holds it.
 *  @throws E105, E520, E521 */
export async function readCode(file: string): Promise<Uint8Array> {
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
