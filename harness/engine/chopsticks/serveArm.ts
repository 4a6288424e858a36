import type { Block } from '@acala-network/chopsticks-core'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { EpochdiffError } from '../../errors/epochdiffError.js'
import { portUnavailable } from '../../errors/serve.js'
import { blockHash } from '../../fork/blockHeader.js'
import type { EngineArm } from '../engine.js'
import { type ServedBlock, stateProvider } from './stateProvider.js'

/** A request of a wallet or script; anything larger is refused. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024
const MAX_CLIENTS = 100

export interface ServedArm {
  /** ws://127.0.0.1:port; HTTP POST is answered at the same port. */
  readonly url: string
  close(): Promise<void>
}

interface Request {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: unknown
}

/** An arm has no trie to prove from, and Chopsticks would ask the node that it forked. */
const UNANSWERED = 'state_getReadProof'

/** Serves an arm over JSON-RPC on this machine alone: the methods of a node, answered by Chopsticks, whose blocks grow on the arm's
 *  state and leave the arm as it is.
 *  @param port 0 takes a free one
 *  @throws E528 when the port is taken */
export async function serveArm(arm: EngineArm, block: ServedBlock, port: number): Promise<ServedArm> {
  // Its log goes to standard output, and a failed block is told there alone.
  process.env['LOG_LEVEL'] ??= 'error'
  const core = await import('@acala-network/chopsticks-core')
  if (block.slotDurationMs !== undefined) stateSlotDuration(core.Block, block.slotDurationMs)
  // Chopsticks keeps to itself why a block failed.
  let unread: string | undefined
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      unread = error instanceof EpochdiffError ? error.short : undefined
      throw error
    }
  }
  const reading: Pick<EngineArm, 'read' | 'entries'> = {
    read: (keys) => told(arm.read(keys)),
    entries: (prefix) => told(arm.entries(prefix)),
  }
  const chain = new core.Blockchain({
    api: new core.Api(stateProvider(reading, block) as unknown as ConstructorParameters<typeof core.Api>[0]),
    buildBlockMode: core.BuildBlockMode.Batch,
    inherentProviders: core.inherentProviders,
    header: { number: block.header.number, hash: blockHash(block.header) },
    mockSignatureHost: true,
    registeredTypes: {},
    allowUnresolvedImports: true,
  })
  const handlers = core.allHandlers as Readonly<Record<string, (typeof core.allHandlers)['rpc_methods']>>

  const answer = async (request: Request, subscriptions: Subscriptions): Promise<unknown> => {
    const { id = null, method, params } = request
    const reply = (content: object) => ({ jsonrpc: '2.0', id, ...content })
    const known = typeof method === 'string' && method !== UNANSWERED && Object.hasOwn(handlers, method)
    const handler = known ? handlers[method] : undefined
    if (handler === undefined) return reply({ error: { code: -32_601, message: 'There is no such method' } })
    try {
      const list = Array.isArray(params) ? (params as unknown[]) : []
      const { number } = chain.head
      const result = await handler({ chain }, list as never, subscriptions as never)
      // Chopsticks answers with the old head when a block fails.
      if (method === 'dev_newBlock' && chain.head.number === number)
        throw new Error(`The block could not be built${unread === undefined ? '.' : `: ${unread}`}`)
      return reply({ result: result ?? null })
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown }
      const shown = typeof message === 'string' ? message.slice(0, 2_000) : 'It failed.'
      return reply({ error: { code: typeof code === 'number' ? code : -32_603, message: shown } })
    }
  }
  const answerText = async (text: string, subscriptions: Subscriptions): Promise<string> => {
    let request: unknown
    try {
      request = JSON.parse(text)
    } catch {
      return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'No JSON.' } })
    }
    const one = (each: unknown) => answer(typeof each === 'object' && each !== null ? each : {}, subscriptions)
    return JSON.stringify(Array.isArray(request) ? await Promise.all(request.map(one)) : await one(request))
  }

  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      text += chunk
      if (text.length > MAX_REQUEST_BYTES) request.destroy()
    })
    request.on('end', () => {
      if (request.method !== 'POST') {
        response.writeHead(405).end()
        return
      }
      void answerText(text, noSubscriptions).then((body) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      })
    })
  })
  const sockets = new WebSocketServer({ server, maxPayload: MAX_REQUEST_BYTES })
  sockets.on('connection', (socket) => {
    if (sockets.clients.size > MAX_CLIENTS) return socket.close(1013)
    const subscriptions = openSubscriptions(socket)
    socket.on('message', (data: Buffer) => {
      void answerText(data.toString(), subscriptions).then((text) => socket.send(text))
    })
    socket.on('close', () => subscriptions.end())
    // A client that breaks off is gone: `close` follows.
    socket.on('error', () => undefined)
  })
  const close = async (): Promise<void> => {
    for (const socket of sockets.clients) socket.terminate()
    await new Promise((resolve) => sockets.close(resolve))
    await new Promise((resolve) => server.close(resolve))
    await chain.close()
    await core.destroyWorker()
  }
  try {
    await listen(server, port)
  } catch (cause) {
    await core.destroyWorker()
    throw portUnavailable({ port, reason: (cause as Error).message }, { cause })
  }
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** Chopsticks takes twelve seconds for a slot of Aura when it cannot run the runtime without all its host functions; the only other
 *  place it looks at is Babe's constant, so it is stated there. */
function stateSlotDuration(block: typeof Block, durationMs: bigint): void {
  const meta = Object.getOwnPropertyDescriptor(block.prototype, 'meta')?.get
  if (meta === undefined) return
  Object.defineProperty(block.prototype, 'meta', {
    configurable: true,
    get: async function (this: Block) {
      const decorated = (await meta.call(this)) as { consts: { babe?: { expectedBlockTime?: unknown } } }
      decorated.consts.babe ??= {}
      decorated.consts.babe.expectedBlockTime ??= { toNumber: () => Number(durationMs) }
      return decorated
    },
  })
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}

/** What Chopsticks' handlers push to a client. */
interface Subscriptions {
  subscribe(method: string, id: string, onCancel?: () => void): (data: unknown) => void
  unsubscribe(id: string): void
}

const noSubscriptions: Subscriptions = {
  subscribe: () => {
    throw new Error('Subscriptions need a WebSocket.')
  },
  unsubscribe: () => undefined,
}

function openSubscriptions(socket: WebSocket): Subscriptions & { end(): void } {
  const open = new Map<string, () => void>()
  const unsubscribe = (id: string): void => {
    open.get(id)?.()
    open.delete(id)
  }
  return {
    subscribe: (method, id, onCancel = () => undefined) => {
      open.set(id, onCancel)
      return (result) => {
        if (!open.has(id) || socket.readyState !== socket.OPEN) return
        socket.send(JSON.stringify({ jsonrpc: '2.0', method, params: { result, subscription: id } }))
      }
    },
    unsubscribe,
    end: () => [...open.keys()].forEach(unsubscribe),
  }
}
