import { headersUnlinked } from '../../errors/chain.js'
import { blockHash } from '../blockHeader.js'
import type { Hex } from '../forkState.js'
import { hashSchema } from './hexSchema.js'
import { getHeader, type PinnedBlock } from './pinBlock.js'
import { request, type RpcClient } from './rpcClient.js'

/** Blocks between the two: more would take long, and a nearer trusted block serves as well. */
const MOST_HEADERS = 50_000
/** Headers checked at once, so that no list is held that a node makes up. */
const STEP = 500

/** Follows headers from a block that is trusted back to the pinned one: each states the hash of the one before it.
 *  @throws E242 when they do not lead there */
export async function requireAncestor(client: RpcClient, block: PinnedBlock, trusted: Hex): Promise<void> {
  const to = String(block.header.number)
  const refuse = (reason: string) => headersUnlinked({ endpoint: client.used().join(', '), from: trusted, to, reason })
  const [start] = await client.ask([getHeader(trusted)])
  if (start === null || start === undefined) throw refuse('the trusted block is not known')
  if (blockHash(start) !== trusted) throw refuse('the header of the trusted block does not have its hash')
  const distance = start.number - block.header.number
  if (distance < 0) throw refuse('it comes before the forked block')
  if (distance > MOST_HEADERS) throw refuse(`there are more than ${MOST_HEADERS} blocks between them`)
  let [number, hash, parent] = [start.number, trusted, start.parentHash]
  while (number > block.header.number) {
    const count = Math.min(STEP, number - block.header.number)
    const numbers = Array.from({ length: count }, (_, index) => number - 1 - index)
    const hashes = await client.ask(numbers.map((each) => request('chain_getBlockHash', [each], hashSchema.nullable())))
    const headers = await client.ask(hashes.map((each) => getHeader(each ?? trusted)))
    for (const header of headers) {
      if (header === null || blockHash(header) !== parent || header.number !== number - 1)
        throw refuse(`the header before block ${number} is not the one it states`)
      ;[number, hash, parent] = [header.number, parent, header.parentHash]
    }
  }
  if (hash !== block.hash) throw refuse('they lead to another block')
}
