import { z } from 'zod'
import { blockUnknown, stateUnsettled, wrongChain } from '../../errors/chain.js'
import { type BlockHeader, blockHash } from '../blockHeader.js'
import type { Hex } from '../forkState.js'
import { hashSchema, hexSchema } from './hexSchema.js'
import { request, type RpcClient } from './rpcClient.js'

/** A block of a chain: its number, its hash, or the last one that is final. */
export type BlockChoice = number | Hex | 'finalized'

/** A block of a chain, known by its hash: the header is the one that has it. */
export interface PinnedBlock {
  /** As the node names it. */
  readonly chain: string
  readonly genesisHash: Hex
  readonly hash: Hex
  readonly header: BlockHeader
}

export const headerSchema = z
  .looseObject({
    parentHash: hashSchema,
    number: z.string().regex(/^0x[0-9a-f]{1,8}$/i, 'expected a block number'),
    stateRoot: hashSchema,
    extrinsicsRoot: hashSchema,
    digest: z.looseObject({ logs: z.array(hexSchema) }),
  })
  .transform(({ number, digest, parentHash, stateRoot, extrinsicsRoot }): BlockHeader => {
    return { parentHash, number: Number(number), stateRoot, extrinsicsRoot, digest: digest.logs }
  })
  .nullable()

/** What stands for the genesis of a node that does not know its own: a fork that is served, as Chopsticks does. */
const NO_GENESIS: Hex = `0x${'00'.repeat(32)}`

const genesis = request(
  'chain_getBlockHash',
  [0],
  hashSchema.nullable().transform((hash) => hash ?? NO_GENESIS),
)
export const getHeader = (hash: Hex) => request('chain_getHeader', [hash], headerSchema)

/** Finds the block and, from then on, asks only endpoints that have it on the same chain.
 *  @throws E223 no such block, E224 an endpoint of another chain, E226 a header that does not have its hash; as `RpcClient.ask` */
export async function pinBlock(client: RpcClient, choice: BlockChoice): Promise<PinnedBlock> {
  const [chain, genesisHash, hash] = await ask3(client, choice)
  const [endpoint = ''] = client.used()
  if (hash === null) throw blockUnknown({ block: String(choice), endpoint })
  const [header] = await client.ask([getHeader(hash)])
  const checked = requireHeader(header ?? null, hash, endpoint)
  if (typeof choice === 'number' && checked.number !== choice)
    throw stateUnsettled({ endpoint, reason: `asked for block ${choice} it answers with block ${checked.number}` })
  client.admit(async (ask, other) => {
    const [theirs] = await ask([genesis])
    if (theirs !== genesisHash) throw wrongChain({ endpoint: other, expected: genesisHash, found: String(theirs) })
    const [again] = await ask([getHeader(hash)])
    requireHeader(again ?? null, hash, other)
  })
  return { chain, genesisHash, hash, header: checked }
}

async function ask3(client: RpcClient, choice: BlockChoice): Promise<[string, Hex, Hex | null]> {
  const which =
    choice === 'finalized'
      ? request('chain_getFinalizedHead', [], hashSchema.nullable())
      : typeof choice === 'number'
        ? request('chain_getBlockHash', [choice], hashSchema.nullable())
        : undefined
  const [chain, genesisHash, hash] = await client.ask<string | null>([
    request('system_chain', [], z.string().max(100)),
    genesis,
    ...(which === undefined ? [] : [which]),
  ])
  return [chain ?? '', genesisHash as Hex, (which === undefined ? choice : (hash ?? null)) as Hex | null]
}

function requireHeader(header: BlockHeader | null, hash: Hex, endpoint: string): BlockHeader {
  if (header === null) throw blockUnknown({ block: hash, endpoint })
  const found = blockHash(header)
  if (found === hash) return header
  throw stateUnsettled({ endpoint, reason: `the header it gives for block ${hash} has the hash ${found}` })
}
