import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { archiveNeeded, blockUnknown, nodesUnreachable, requestRefused } from '../../errors/chain.js'
import { EpochdiffError } from '../../errors/epochdiffError.js'
import { shownEndpoint } from './endpoints.js'
import { httpTransport } from './httpTransport.js'
import { type Transport, type TransportBounds, TransportFault } from './transport.js'
import { wsTransport } from './wsTransport.js'

export interface RpcOptions extends TransportBounds {
  /** Tries of each endpoint in a row before it is given up. */
  readonly attempts: number
  /** Pause after the first failure of an endpoint; doubled with each that follows at once. */
  readonly backOffMs: number
  /** Messages under way at once. */
  readonly concurrency: number
  /** Requests in a message. */
  readonly batchSize: number
  /** Which block's state is read, for what errors say. */
  readonly block: string
  readonly signal?: AbortSignal | undefined
}

export const defaultRpcOptions: RpcOptions = {
  block: 'finalized',
  timeoutMs: 30_000,
  maxAnswerBytes: 64 * 1024 * 1024,
  attempts: 5,
  backOffMs: 500,
  concurrency: 8,
  batchSize: 100,
}

export interface RpcRequest<Result> {
  readonly method: string
  readonly params: readonly unknown[]
  readonly result: z.ZodType<Result>
}

/** Makes the request of a method and the check of what answers it. */
export const request = <Result>(
  method: string,
  params: readonly unknown[],
  result: z.ZodType<Result>,
): RpcRequest<Result> => ({ method, params, result })

export interface RpcStatistics {
  /** Messages that were sent. */
  readonly roundTrips: number
  /** Requests in them. */
  readonly requests: number
}

/** JSON-RPC over several endpoints of one chain: the first that answers is kept until it fails. */
export interface RpcClient {
  /** Answers in the order of the requests, whatever messages and endpoints carry them.
   *  @param batchSize most requests in a message, where answers are large
   *  @throws E221 when no endpoint answers, E222 when none has the state, E225 when a node refuses; NodeError for a method
   *  whose refusal the caller wants to see; the signal's reason */
  ask<Result>(requests: readonly RpcRequest<Result>[], batchSize?: number): Promise<Result[]>
  /** What an endpoint has to pass before it is asked anything else; those asked so far passed it. */
  admit(check: (ask: RpcClient['ask'], endpoint: string) => Promise<void>): void
  /** Those that answered something, as reports show them. */
  used(): string[]
  statistics(): RpcStatistics
  close(): void
}

interface Endpoint {
  readonly address: string
  readonly shown: string
  readonly transport: Transport
  admitted: boolean
  used: boolean
  /** Failures since it last answered. */
  failures: number
  failedAt: number
  restsUntil: number
  reason: string
  /** Why it is not asked again. */
  excluded: EpochdiffError | undefined
  /** It takes no batches. */
  single: boolean
}

/** A node's own refusal. */
export class NodeError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    readonly method: string,
    readonly endpoint: string,
  ) {
    super(`${method}: ${reason} (${code})`)
  }
}

const answerSchema = z.looseObject({
  id: z.number().nullable(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
})
type Answer = z.infer<typeof answerSchema>

const longestPauseMs = 30_000

/** @param addresses as `resolveEndpoints` gives them */
export function openRpcClient(addresses: readonly string[], options: RpcOptions): RpcClient {
  const { attempts, backOffMs, batchSize, concurrency } = options
  const signal = options.signal ?? new AbortController().signal
  const endpoints = addresses.map((address): Endpoint => {
    const open = address.startsWith('ws') ? wsTransport : httpTransport
    const rest = { admitted: false, used: false, failures: 0, failedAt: 0, restsUntil: 0, reason: '', single: false }
    return { address, shown: shownEndpoint(address), transport: open(address, options), excluded: undefined, ...rest }
  })
  let check: ((ask: RpcClient['ask'], endpoint: string) => Promise<void>) | undefined
  let lastId = 0
  let roundTrips = 0
  let requestCount = 0
  const inTurn = limiter(concurrency)

  const pick = (method: string): Endpoint => {
    const open = endpoints.filter(({ excluded, failures }) => excluded === undefined && failures < attempts)
    const [first] = open.sort((a, b) => Math.max(a.restsUntil, Date.now()) - Math.max(b.restsUntil, Date.now()))
    if (first !== undefined) return first
    const excluded = endpoints.flatMap((each) => each.excluded ?? [])
    const [only] = excluded
    if (only !== undefined && excluded.length === endpoints.length) throw only
    const failures = endpoints.map(({ shown, reason, excluded: why }) => `${shown}: ${why?.short ?? reason}`)
    throw nodesUnreachable({ method, failures })
  }

  const fail = (endpoint: Endpoint, fault: TransportFault, startedAt: number): void => {
    // Everything that was under way when it failed fails with it: that is one failure.
    if (startedAt < endpoint.failedAt) return
    const pauseMs = Math.min(backOffMs * 2 ** endpoint.failures, longestPauseMs)
    endpoint.failures += 1
    endpoint.failedAt = Date.now()
    endpoint.reason = fault.message
    endpoint.restsUntil = endpoint.failedAt + Math.max(fault.waitMs, pauseMs * (0.75 + Math.random() / 2))
  }

  const post = async (endpoint: Endpoint, message: unknown, ids: readonly number[]): Promise<unknown> => {
    roundTrips += 1
    requestCount += ids.length
    return await endpoint.transport.send(JSON.stringify(message), ids, signal)
  }

  /** The answers of one endpoint to requests that fit in a message. */
  const exchange = async <Result>(endpoint: Endpoint, requests: readonly RpcRequest<Result>[]): Promise<Result[]> => {
    const numbered = requests.map(({ method, params }) => ({ jsonrpc: '2.0', id: (lastId += 1), method, params }))
    const singly = async () =>
      (await Promise.all(numbered.map((each) => post(endpoint, each, [each.id])))).map((answer) => parse(answer))
    let answers: Answer[]
    if (endpoint.single || numbered.length === 1) answers = await singly()
    else {
      const answer = await post(
        endpoint,
        numbered,
        numbered.map(({ id }) => id),
      )
      if (Array.isArray(answer)) answers = answer.map(parse)
      else {
        const { error } = parse(answer)
        if (error === undefined || isOverload(error))
          throw new TransportFault(error?.message ?? 'a batch without a list')
        endpoint.single = true
        answers = await singly()
      }
    }
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
    return requests.map(({ method, result }, index) => {
      const answer = byId.get(numbered[index]?.id ?? NaN)
      if (answer === undefined) throw new TransportFault(`an answer to ${method} is missing`)
      if (answer.error !== undefined) throw refusal(endpoint, options.block, method, answer.error)
      const parsed = result.safeParse(answer.result ?? null)
      if (parsed.success) return parsed.data
      const [issue] = parsed.error.issues
      throw new TransportFault(
        `an answer to ${method} of the wrong shape (${issue?.path.join('.') ?? ''} ${issue?.message ?? ''})`,
      )
    })
  }

  const admitted = async (endpoint: Endpoint): Promise<void> => {
    if (endpoint.admitted || check === undefined) return
    await check((requests) => exchange(endpoint, requests), endpoint.shown)
    endpoint.admitted = true
  }

  const askOne = async <Result>(requests: readonly RpcRequest<Result>[]): Promise<Result[]> => {
    for (;;) {
      signal.throwIfAborted()
      const endpoint = pick(requests[0]?.method ?? '')
      const pauseMs = endpoint.restsUntil - Date.now()
      if (pauseMs > 0) {
        await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
        continue
      }
      const startedAt = Date.now()
      try {
        await admitted(endpoint)
        const answers = await exchange(endpoint, requests)
        endpoint.failures = 0
        endpoint.used = true
        return answers
      } catch (error) {
        if (error instanceof TransportFault) fail(endpoint, error, startedAt)
        else if (error instanceof EpochdiffError && !isFinal(error)) endpoint.excluded = error
        else throw error
      }
    }
  }

  return {
    async ask(requests, size = batchSize) {
      const batches = Array.from({ length: Math.ceil(requests.length / size) }, (_, index) =>
        requests.slice(index * size, (index + 1) * size),
      )
      return (await Promise.all(batches.map((batch) => inTurn(() => askOne(batch))))).flat()
    },
    admit(next) {
      for (const endpoint of endpoints) endpoint.admitted = endpoint.used
      check = next
    },
    used: () => endpoints.filter(({ used }) => used).map(({ shown }) => shown),
    statistics: () => ({ roundTrips, requests: requestCount }),
    close() {
      for (const { transport } of endpoints) transport.close()
    },
  }
}

function parse(answer: unknown): Answer {
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success) throw new TransportFault('an answer that is not JSON-RPC')
  return parsed.data
}

type NodeRefusal = NonNullable<Answer['error']>

/** Another endpoint would answer the same. */
const isFinal = (error: EpochdiffError): boolean => error.code === requestRefused.code

/** What a node's error means: a fault that may pass, a reason to ask another node, or a refusal. */
function refusal({ shown }: Endpoint, block: string, method: string, error: NodeRefusal): Error {
  const data = typeof error.data === 'string' ? `: ${error.data}` : ''
  const reason = `${error.message}${data}`
  if (isOverload(error)) return new TransportFault(reason, 1_000)
  if (/discarded|pruned/i.test(reason)) return archiveNeeded({ block, endpoints: [shown] })
  if (/unknown ?block|header was not found/i.test(reason)) return blockUnknown({ block, endpoint: shown })
  if (error.code === -32_603) return new TransportFault(reason)
  return new NodeError(error.code, reason, method, shown)
}

function isOverload({ code, message }: NodeRefusal): boolean {
  return code === 429 || /rate limit|too many requests|limit exceeded|overloaded/i.test(message)
}

/** At most `limit` of the works at once, in the order they came. */
function limiter(limit: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let underWay = 0
  return async (work) => {
    if (underWay >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
    else underWay += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) underWay -= 1
      else next()
    }
  }
}
