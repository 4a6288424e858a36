import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheUnusable } from '../../errors/chain.js'

const FORKS = 'forks'

/** The folder of one block's state: what it holds is named by content, chain and block by their hashes.
 *  @param proven values that were checked against the block's state root; others are kept apart from them */
export function forkFolder(cache: string, genesisHash: string, blockHash: string, proven: boolean): string {
  return join(cache, FORKS, genesisHash, `${blockHash}${proven ? '-proven' : ''}`)
}

/** One block's state in the cache. */
export interface CachedFork {
  readonly genesisHash: string
  readonly blockHash: string
  readonly proven: boolean
  readonly bytes: number
}

/** Every block's state in the cache. */
export async function listCache(cache: string): Promise<CachedFork[]> {
  const found: CachedFork[] = []
  for (const genesisHash of await namesIn(join(cache, FORKS))) {
    for (const name of await namesIn(join(cache, FORKS, genesisHash))) {
      const folder = join(cache, FORKS, genesisHash, name)
      const sizes = await Promise.all(
        (await namesIn(folder)).map(async (file) => (await stat(join(folder, file))).size),
      )
      const [blockHash = ''] = name.split('-')
      found.push({
        genesisHash,
        blockHash,
        proven: name !== blockHash,
        bytes: sizes.reduce((sum, size) => sum + size, 0),
      })
    }
  }
  return found
}

/** Removes every block's state. A run that is using it goes on with what it has read.
 *  @throws E228 */
export async function clearCache(cache: string): Promise<void> {
  await rm(join(cache, FORKS), { recursive: true, force: true }).catch((cause: Error) => {
    throw cacheUnusable({ folder: cache, reason: cause.message }, { cause })
  })
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw cacheUnusable({ folder, reason: cause.message }, { cause })
  })
}
