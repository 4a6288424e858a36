import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { type BlockHeader, blockHash } from '../harness/fork/blockHeader.js'
import type { Hex } from '../harness/fork/forkState.js'
import { lowerBound } from '../harness/fork/sortedKeys.js'

interface Request {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

/** What goes wrong with a message, decided when it comes in. */
export type Fault =
  | 'drop'
  | 'truncate'
  | 'malform'
  /** Of a batch, as a whole. */
  | 'refuseBatch'
  | { readonly stallMs: number }
  | { readonly status: number }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: string } }
  /** Alters the result of each request. */
  | { readonly alter: (request: Request, result: unknown) => unknown }

/** A chain as far as a fork asks: genesis, the block whose state it has, and headers of later ones. */
export interface FakeChain {
  readonly name: string
  readonly genesisHash: Hex
  readonly header: BlockHeader
  /** Of the blocks after it, without their states. */
  readonly later?: readonly BlockHeader[]
  readonly storage: ReadonlyMap<Hex, Hex>
  readonly prove?: ((keys: readonly Hex[]) => Hex[]) | undefined
}

export interface FakeNode {
  readonly ws: string
  readonly http: string
  /** Every message that came, the methods of its requests. */
  readonly messages: string[][]
  /** The fault of the next messages; called with how many came before. */
  fault: (message: readonly Request[], count: number) => Fault | undefined
  latencyMs: number
  close(): Promise<void>
}

/** A node's JSON-RPC over WebSocket and HTTP, batches included, with faults on demand. */
export async function openFakeNode(chain: FakeChain): Promise<FakeNode> {
  const hash = blockHash(chain.header)
  const blocks = [chain.header, ...(chain.later ?? [])].map((header) => ({ header, hash: blockHash(header) }))
  const sorted = [...chain.storage.keys()].sort()
  const messages: string[][] = []
  const sockets = new Set<Socket>()

  const requireBlock = (at: unknown): void => {
    if (at !== hash && at !== undefined && at !== null)
      throw { code: -32_000, message: 'Client error: UnknownBlock: Header was not found in the database' }
  }
  const methods: Readonly<Record<string, (params: readonly unknown[]) => unknown>> = {
    system_chain: () => chain.name,
    chain_getFinalizedHead: () => hash,
    chain_getBlockHash: ([number]) =>
      number === 0
        ? chain.genesisHash
        : number === undefined
          ? hash
          : (blocks.find(({ header }) => header.number === number)?.hash ?? null),
    chain_getHeader: ([at = hash]) => {
      const found = blocks.find((block) => block.hash === at)
      if (found === undefined) return null
      const { number, digest, ...header } = found.header
      return { ...header, number: `0x${number.toString(16)}`, digest: { logs: digest } }
    },
    state_getStorage: ([key, at]) => {
      requireBlock(at)
      return chain.storage.get(key as Hex) ?? null
    },
    state_queryStorageAt: ([keys, at]) => {
      requireBlock(at)
      return [{ block: hash, changes: (keys as Hex[]).map((key) => [key, chain.storage.get(key) ?? null]) }]
    },
    state_getKeysPaged: ([prefix, count, after, at]) => {
      requireBlock(at)
      const from = after === null || after === undefined ? (prefix as string) : `${after as string}00`
      const first = lowerBound(sorted, from)
      const found = sorted.slice(first, first + (count as number))
      return found.filter((key) => key.startsWith(prefix as string))
    },
    state_getReadProof: ([keys, at]) => {
      requireBlock(at)
      return { at: hash, proof: chain.prove?.(keys as Hex[]) ?? [] }
    },
  }
  const answer = ({ id, method, params }: Request): Record<string, unknown> => {
    const call = methods[method]
    if (call === undefined) return { jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } }
    try {
      return { jsonrpc: '2.0', id, result: call(params) }
    } catch (error) {
      return { jsonrpc: '2.0', id, error }
    }
  }

  /** Answers with text, or with what the fault says instead. */
  const handle = async (
    text: string,
    send: (answer: string) => void,
    drop: () => void,
    refuse: (status: number) => void,
  ): Promise<void> => {
    const parsed = JSON.parse(text) as Request | Request[]
    const requests = Array.isArray(parsed) ? parsed : [parsed]
    const fault = node.fault(requests, messages.length)
    messages.push(requests.map(({ method }) => method))
    if (node.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, node.latencyMs))
    if (fault === 'drop') return drop()
    if (typeof fault === 'object' && 'status' in fault) return refuse(fault.status)
    if (typeof fault === 'object' && 'stallMs' in fault)
      await new Promise((resolve) => setTimeout(resolve, fault.stallMs).unref())
    const answers = requests.map((request) => {
      const right = answer(request)
      if (typeof fault === 'object' && 'error' in fault) return { jsonrpc: '2.0', id: request.id, error: fault.error }
      if (typeof fault === 'object' && 'alter' in fault && 'result' in right)
        return { ...right, result: fault.alter(request, right['result']) }
      return right
    })
    const whole = JSON.stringify(Array.isArray(parsed) ? answers : answers[0])
    if (fault === 'refuseBatch')
      return send('{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"Batched requests are not supported"}}')
    if (fault === 'malform') return send('<html>Bad gateway</html>')
    send(fault === 'truncate' ? whole.slice(0, whole.length >> 1) : whole)
  }

  const onHttp = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void handle(
        Buffer.concat(chunks).toString('utf8'),
        (text) => response.setHeader('content-type', 'application/json').end(text),
        () => request.socket.destroy(),
        (status) => response.writeHead(status, { 'retry-after': '0' }).end(),
      )
    })
  }
  const server = createServer(onHttp)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const webSockets = new WebSocketServer({ server, maxPayload: 2 ** 30 })
  webSockets.on('connection', (socket: WebSocket) => {
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const drop = (): void => socket.terminate()
      const refuse = (): void => socket.close(1013, 'Too many requests')
      void handle(data.toString('utf8'), (text) => socket.send(text), drop, refuse)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const node: FakeNode = {
    ws: `ws://127.0.0.1:${port}`,
    http: `http://127.0.0.1:${port}`,
    messages,
    fault: () => undefined,
    latencyMs: 0,
    async close() {
      webSockets.close()
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return node
}
