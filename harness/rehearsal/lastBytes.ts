import { open } from 'node:fs/promises'

const LOG_BYTES = 4 * 1024 * 1024

/** What of a log is kept; empty for a file that is not there. */
export async function lastBytes(file: string): Promise<string> {
  const handle = await open(file).catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { size } = await handle.stat()
    const bytes = Buffer.alloc(Math.min(size, LOG_BYTES))
    await handle.read(bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8')
  } finally {
    await handle.close()
  }
}
