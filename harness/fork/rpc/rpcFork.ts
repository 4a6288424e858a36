import { blockUnknown } from '../../errors/chain.js'
import { forkFolder } from '../cache/stateCache.js'
import { openStateLog, readStateLogs } from '../cache/stateLog.js'
import { type ChainFork, chainSource, type Trust } from '../chainFork.js'
import { CODE_KEY } from '../storageParts.js'
import { describeKey } from '../describeKey.js'
import type { Hex } from '../forkState.js'
import { openProver } from '../proof/prover.js'
import { requireAncestor } from './headerChain.js'
import { resolveEndpoints } from './endpoints.js'
import { openNodeState } from './nodeState.js'
import { type BlockChoice, pinBlock } from './pinBlock.js'
import { defaultRpcOptions, openRpcClient, type RpcOptions, type RpcStatistics } from './rpcClient.js'

export interface RpcForkOptions extends Partial<Omit<RpcOptions, 'block'>> {
  /** Where what is read is kept (`cacheFolder`); nowhere when `undefined`. */
  readonly cache: string | undefined
  /** Check everything against the state root of the block. */
  readonly verify?: boolean
  /** Hash of a block that is trusted: the forked one has to be an ancestor of it. */
  readonly trustedHash?: Hex | undefined
}

export interface RpcFork extends ChainFork {
  statistics(): RpcStatistics
}

/** Opens a chain at a block over RPC.
 *  @param endpoints addresses or names of presets; the first that answers is used, the others stand by
 *  @throws E220 to E228 */
export async function openRpcFork(
  endpoints: readonly string[],
  choice: BlockChoice,
  { cache, verify = false, trustedHash, ...options }: RpcForkOptions,
): Promise<RpcFork> {
  const client = openRpcClient(resolveEndpoints(endpoints), { ...defaultRpcOptions, ...options, block: String(choice) })
  try {
    const block = await pinBlock(client, choice)
    if (trustedHash !== undefined) await requireAncestor(client, block, trustedHash)
    let describe = (key: Hex): string => key
    const { number, stateRoot } = block.header
    const prover = verify
      ? openProver(client, { hash: block.hash, number, stateRoot }, (key) => describe(key))
      : undefined
    const folder = cache === undefined ? undefined : forkFolder(cache, block.genesisHash, block.hash, verify)
    const kept = folder === undefined ? undefined : await readStateLogs(folder)
    const log = folder === undefined ? undefined : openStateLog(folder)
    const node = openNodeState(
      client,
      block.hash,
      kept?.part,
      {
        values: (part) => log?.values(part, client.used()),
        range: (range, keys) => log?.range(range, keys),
      },
      prover,
    )
    const trust = (): Trust =>
      verify
        ? { kind: 'proven' }
        : { kind: 'trusted', endpoints: [...new Set([...(kept?.endpoints ?? []), ...client.used()])].sort() }
    const { entries } = await node.ask({ kind: 'keys', keys: [CODE_KEY] })
    const code = entries[0]?.[1]
    if (code === undefined)
      throw blockUnknown({ block: `${choice} with a runtime`, endpoint: client.used().join(', ') })
    return {
      block,
      code,
      trust,
      known: node.known,
      prefetch(wanted, onProgress) {
        const { codec } = wanted
        if (codec !== undefined) describe = (key) => describeKey(codec, key)
        return node.prefetch(wanted, onProgress)
      },
      state() {
        const { storage, ranges } = node.known()
        const header = { number: block.header.number, hash: block.hash }
        return { source: chainSource(block, trust), header, storage, remote: { ranges, ask: node.ask } }
      },
      statistics: client.statistics,
      async close() {
        await node.settled()
        client.close()
        log?.close()
      },
    }
  } catch (error) {
    client.close()
    throw error
  }
}
