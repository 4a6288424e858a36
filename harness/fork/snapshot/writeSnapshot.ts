import { createHash, randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { snapshotUnwritten } from '../../errors/chain.js'
import type { ChainFork } from '../chainFork.js'
import type { Hex } from '../forkState.js'
import { CODE_KEY } from '../storageParts.js'
import type { Manifest } from './manifest.js'

/** Text compressed at once: each frame stands for itself, so that neither side needs the whole in memory. */
const FRAME_CHARACTERS = 8 * 1024 * 1024

/** Writes what is known of a fork to one file: zstd frames of lines: manifest, metadata, entries ascending by key, and the sha256 of all lines before.
 *  The same part of the same state gives the same bytes. The file appears whole or not at all.
 *  @param metadata of the runtime, as it returns it
 *  @throws E232 */
export async function writeSnapshot(
  file: string,
  fork: Pick<ChainFork, 'block' | 'trust' | 'known'>,
  metadata: Hex,
): Promise<Manifest> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd')
  const zstd = await Zstd.load()
  const { storage, absent, ranges } = fork.known()
  const sorted = [...storage].sort(([a], [b]) => (a < b ? -1 : 1))
  const state = createHash('sha256')
  for (const entry of sorted) state.update(entryLine(entry))
  const { chain, genesisHash, hash, header } = fork.block
  const trust = fork.trust()
  const manifest: Manifest = {
    format: 'epochdiff-snapshot',
    version: 1,
    chain,
    genesisHash,
    block: { number: header.number, hash },
    header: { ...header, digest: [...header.digest] },
    trust: trust.kind === 'proven' ? trust : { kind: trust.kind, endpoints: [...trust.endpoints] },
    complete: ranges.map(({ from, to }) => (to === undefined ? { from } : { from, to })),
    absent: [...absent].sort(),
    entries: sorted.length,
    sha256: {
      state: state.digest('hex'),
      metadata: sha256(metadata),
      code: sha256(storage.get(CODE_KEY) ?? '0x'),
    },
  }

  const temporary = `${file}.${randomBytes(4).toString('hex')}.partial`
  try {
    const handle = await open(temporary, 'wx')
    try {
      const whole = createHash('sha256')
      let pending = ''
      const flush = async (): Promise<void> => {
        if (pending === '') return
        await handle.write(zstd.compress(Buffer.from(pending, 'utf8'), 9))
        pending = ''
      }
      const write = async (line: string): Promise<void> => {
        whole.update(line)
        pending += line
        if (pending.length >= FRAME_CHARACTERS) await flush()
      }
      await write(`${JSON.stringify(manifest)}\n`)
      await write(`${metadata}\n`)
      for (const entry of sorted) await write(entryLine(entry))
      pending += `${whole.digest('hex')}\n`
      await flush()
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    return manifest
  } catch (cause) {
    await rm(temporary, { force: true })
    throw snapshotUnwritten({ file, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}

export const entryLine = ([key, value]: readonly [Hex, Hex]): string => `${key} ${value}\n`

export const sha256 = (hex: Hex): string =>
  createHash('sha256')
    .update(Buffer.from(hex.slice(2), 'hex'))
    .digest('hex')
