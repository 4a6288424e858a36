import { stat } from 'node:fs/promises'
import { trustText } from '../chainFork.js'
import { describeKey } from '../describeKey.js'
import { belowPrefix } from '../keyPrefix.js'
import { KeyRanges } from '../keyRanges.js'
import { createStorageCodec } from '../storageCodec.js'
import type { Manifest } from './manifest.js'
import { readSnapshot } from './readSnapshot.js'

export interface SnapshotInfo extends Pick<Manifest, 'chain' | 'genesisHash' | 'block' | 'entries' | 'sha256'> {
  readonly file: string
  readonly bytes: number
  readonly trust: string
  readonly stateRoot: string
  /** Items that it holds completely, "Pallet.Item". */
  readonly complete: readonly string[]
  /** Entries by item, "Pallet.Item"; what the metadata does not name by its key. */
  readonly entriesByItem: Readonly<Record<string, number>>
}

/** What a snapshot holds, named by its metadata.
 *  @throws E230, E201 */
export async function snapshotInfo(file: string): Promise<SnapshotInfo> {
  const { manifest, metadata, storage } = await readSnapshot(file)
  const codec = createStorageCodec(metadata)
  const ranges = new KeyRanges(manifest.complete.map(({ from, to }) => ({ from, to })))
  const entriesByItem: Record<string, number> = {}
  for (const key of storage.keys()) {
    const found = codec.itemOf(key)
    const name = found === undefined ? describeKey(codec, key).slice(0, 80) : `${found.pallet}.${found.item}`
    entriesByItem[name] = (entriesByItem[name] ?? 0) + 1
  }
  const complete = codec.items().filter((path) => {
    const [pallet = '', item = ''] = path.split('.')
    return codec.keyCount(pallet, item) > 0 && ranges.covers(belowPrefix(codec.prefix(pallet, item)))
  })
  const { chain, genesisHash, block, entries, sha256, trust, header } = manifest
  const { size } = await stat(file)
  return {
    file,
    bytes: size,
    chain,
    genesisHash,
    block,
    stateRoot: header.stateRoot,
    trust: trustText(trust),
    entries,
    sha256,
    complete: complete.sort(),
    entriesByItem: Object.fromEntries(Object.entries(entriesByItem).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

export function renderSnapshotInfo(info: SnapshotInfo): string {
  const { file, chain, genesisHash, block, entries, bytes, trust, stateRoot, complete, sha256 } = info
  const lines = [
    `${file}: ${entries} entries in ${(bytes / 2 ** 20).toFixed(1)} MiB, ${trust}`,
    `  chain       ${chain}, genesis ${genesisHash}`,
    `  block       ${block.number} ${block.hash}`,
    `  state root  ${stateRoot}`,
    `  state       sha256 ${sha256.state}`,
    `  runtime     sha256 ${sha256.code}`,
    `  complete    ${complete.length} maps`,
  ]
  return `${lines.join('\n')}\n`
}
