import { z } from 'zod'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { requestRefused } from '../errors/chain.js'
import { type BlockHeader, blockHash } from '../fork/blockHeader.js'
import type { Hex } from '../fork/forkState.js'
import { hashSchema, hexSchema } from '../fork/rpc/hexSchema.js'
import { openNodeState } from '../fork/rpc/nodeState.js'
import { headerSchema } from '../fork/rpc/pinBlock.js'
import {
  defaultRpcOptions,
  NodeError,
  openRpcClient,
  request,
  type RpcClient,
  type RpcRequest,
} from '../fork/rpc/rpcClient.js'

/** A block as a node hands it out; the header has the hash. */
export interface ChainBlock {
  readonly hash: Hex
  readonly header: BlockHeader
  /** Each with its length in front. */
  readonly extrinsics: readonly Hex[]
}

export interface NodeStatus {
  readonly best: number
  readonly finalized: number
  /** Of the runtime at its best block. */
  readonly specVersion: number
}

/** A node of a rehearsal: it may be down and come back. */
export interface NodeRpc {
  /** `undefined` while it does not answer. */
  status(): Promise<NodeStatus | undefined>
  /** @returns the hash of its block of that number; `undefined` for none, or when it does not answer */
  hashOf(number: number): Promise<Hex | undefined>
  /** @throws E221 when it does not answer, E225 when it refuses, as everything below */
  block(hash: Hex): Promise<ChainBlock>
  /** Everything below the prefixes in a block's state. */
  entries(hash: Hex, prefixes: readonly Hex[]): Promise<ReadonlyMap<Hex, Hex>>
  submit(extrinsic: Hex): Promise<Hex>
  close(): void
}

const numberSchema = z
  .looseObject({ number: z.string().regex(/^0x[0-9a-f]{1,8}$/i) })
  .transform(({ number }) => Number(number))
const blockSchema = z
  .looseObject({ block: z.looseObject({ header: headerSchema, extrinsics: z.array(hexSchema) }) })
  .nullable()
const versionSchema = z.looseObject({ specVersion: z.int() })

/** Its answers are those of a local process. */
const bounds = { ...defaultRpcOptions, timeoutMs: 20_000, attempts: 3, backOffMs: 100 }

export function openNodeRpc(address: string, signal: AbortSignal): NodeRpc {
  let client: RpcClient | undefined
  const opened = () => (client ??= openRpcClient([address], { ...bounds, signal }))
  const ask = async <Result>(requests: readonly RpcRequest<Result>[]): Promise<Result[]> => {
    try {
      return await opened().ask(requests)
    } catch (error) {
      // An endpoint that was given up is not asked again: the next question begins anew.
      if (error instanceof EpochdiffError) {
        client?.close()
        client = undefined
      }
      if (error instanceof NodeError)
        throw requestRefused({ endpoint: address, method: error.method, reason: error.reason }, { cause: error })
      throw error
    }
  }
  const orDown = async <Result>(work: Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work
    } catch (error) {
      if (error instanceof EpochdiffError && !signal.aborted) return undefined
      throw error
    }
  }
  const one = async <Result>(asked: RpcRequest<Result>): Promise<Result> => {
    const [answer] = await ask([asked])
    return answer as Result
  }

  return {
    status: () =>
      orDown(
        (async () => {
          const best = await one(request('chain_getHeader', [], numberSchema))
          const head = await one(request('chain_getFinalizedHead', [], hashSchema))
          const finalized = await one(request('chain_getHeader', [head], numberSchema))
          const { specVersion } = await one(request('state_getRuntimeVersion', [], versionSchema))
          return { best, finalized, specVersion }
        })(),
      ),
    hashOf: async (number) =>
      (await orDown(one(request('chain_getBlockHash', [number], hashSchema.nullable())))) ?? undefined,
    async block(hash) {
      const answer = await one(request('chain_getBlock', [hash], blockSchema))
      const header = answer?.block.header ?? null
      if (answer === null || header === null || blockHash(header) !== hash) {
        const reason = 'it has no such block, or gives another header for it'
        throw requestRefused({ endpoint: address, method: `chain_getBlock ${hash}`, reason })
      }
      return { hash, header, extrinsics: answer.block.extrinsics }
    },
    async entries(hash, prefixes) {
      const state = openNodeState(
        opened(),
        hash,
        undefined,
        { values: () => undefined, range: () => undefined },
        undefined,
      )
      await state.prefetch({ keys: [], prefixes })
      return state.known().storage
    },
    submit: (extrinsic) => one(request('author_submitExtrinsic', [extrinsic], hashSchema)),
    close: () => client?.close(),
  }
}
