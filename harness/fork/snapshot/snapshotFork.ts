import { basename } from 'node:path'
import { outsideSnapshot } from '../../errors/chain.js'
import { answerFrom } from '../answerFrom.js'
import { type ChainFork, chainSource, type KnownPart } from '../chainFork.js'
import { describeKey } from '../describeKey.js'
import type { Hex, RemoteState, StateQuestion } from '../forkState.js'
import { belowPrefix } from '../keyPrefix.js'
import { KnownState } from '../knownState.js'
import { createStorageCodec } from '../storageCodec.js'
import { CODE_KEY } from '../storageParts.js'
import { readSnapshot } from './readSnapshot.js'

/** What epochdiff's own code in a runtime reads and writes: no chain has such keys, and a snapshot made without a policy asked for none. */
const OWN_KEYS = belowPrefix(`0x${Buffer.from(':epochdiff:').toString('hex')}`)

/** Opens a snapshot: what it does not hold cannot be read.
 *  @throws E230; E231 from the state's functions */
export async function openSnapshotFork(file: string): Promise<ChainFork> {
  const { manifest, metadata, storage } = await readSnapshot(file)
  const { chain, genesisHash, block, header, trust, complete, absent } = manifest
  const pinned = { chain, genesisHash, hash: block.hash, header }
  const ranges = [...complete.map(({ from, to }) => ({ from, to })), OWN_KEYS]
  const known = new KnownState<Hex>(storage, { ranges, zero: '00' })
  known.learn({ entries: [], absent, ranges: [] })

  const ask: RemoteState['ask'] = (question) => {
    const open = known.open(question) as StateQuestion | undefined
    if (open === undefined) return Promise.resolve(answerFrom(known, question))
    const codec = createStorageCodec(metadata)
    const key =
      open.kind === 'keys'
        ? describeKey(codec, open.keys[0] ?? '0x')
        : open.kind === 'below'
          ? describeKey(codec, open.prefix)
          : `what follows ${describeKey(codec, open.key)}`
    return Promise.reject(outsideSnapshot({ file: basename(file), key }))
  }
  const part: KnownPart = { storage, absent, ranges }
  return {
    block: pinned,
    code: storage.get(CODE_KEY) ?? '0x',
    trust: () => trust,
    known: () => part,
    prefetch: () => Promise.resolve(),
    state: () => ({
      source: chainSource(pinned, () => trust),
      header: block,
      storage,
      remote: { ranges, ask },
    }),
    close: () => Promise.resolve(),
  }
}
