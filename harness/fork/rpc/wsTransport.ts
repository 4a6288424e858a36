import { WebSocket } from 'ws'
import { parseAnswer, type Transport, type TransportBounds, TransportFault } from './transport.js'

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (fault: Error) => void
}

/** An endpoint over a WebSocket: opened by the first message, opened again after it was dropped; messages may overlap. */
export function wsTransport(address: string, { timeoutMs, maxAnswerBytes }: TransportBounds): Transport {
  /** By the ids of a message's requests: an answer is known by any of them. */
  const waiting = new Map<number, Waiting>()
  let socket: WebSocket | undefined
  let opening: Promise<WebSocket> | undefined

  const drop = (failed: WebSocket, reason: string): void => {
    failed.terminate()
    if (socket !== failed) return
    socket = undefined
    opening = undefined
    for (const { reject } of new Set(waiting.values())) reject(new TransportFault(reason))
    waiting.clear()
  }

  const open = (): Promise<WebSocket> => {
    opening ??= new Promise<WebSocket>((resolve, reject) => {
      const made = new WebSocket(address, { handshakeTimeout: timeoutMs, maxPayload: maxAnswerBytes })
      socket = made
      made.once('open', () => resolve(made))
      made.on('message', (data: Buffer) => {
        try {
          const answer = parseAnswer(data.toString('utf8'))
          const underWay = new Set(waiting.values())
          // A refusal of a whole message has no id.
          const answered = waiting.get(firstId(answer)) ?? (underWay.size === 1 ? [...underWay][0] : undefined)
          if (answered === undefined) throw new TransportFault('an answer to nothing that was asked')
          answered.resolve(answer)
        } catch (cause) {
          // Which request it was for is not known: all under way are asked again.
          drop(made, cause instanceof Error ? cause.message : String(cause))
        }
      })
      const failed = (reason: string): void => {
        drop(made, reason)
        reject(new TransportFault(reason))
      }
      made.on('error', (error) => failed(error.message === '' ? 'the connection failed' : error.message))
      made.on('close', (code) => failed(`the connection was closed (${code})`))
    })
    return opening
  }

  return {
    async send(message, ids, signal) {
      signal.throwIfAborted()
      const connected = await open()
      return await new Promise<unknown>((resolve, reject) => {
        const settle = (how: () => void): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          for (const id of ids) waiting.delete(id)
          how()
        }
        const onAbort = (): void => settle(() => reject(signal.reason as Error))
        const timer = setTimeout(() => {
          settle(() => reject(new TransportFault(`no answer in ${timeoutMs} ms`)))
          // A stalled connection rarely recovers.
          drop(connected, 'the connection stalled')
        }, timeoutMs)
        const entry: Waiting = {
          resolve: (answer) => settle(() => resolve(answer)),
          reject: (fault) => settle(() => reject(fault)),
        }
        for (const id of ids) waiting.set(id, entry)
        signal.addEventListener('abort', onAbort)
        connected.send(message, (error) => {
          if (error) entry.reject(new TransportFault(error.message, 0, { cause: error }))
        })
      })
    },
    close() {
      const closing = socket
      if (closing) drop(closing, 'the connection was closed here')
    },
  }
}

/** The id of an answer, or of the first in a batch that has one; NaN when there is none. */
function firstId(answer: unknown): number {
  const answers: readonly unknown[] = Array.isArray(answer) ? answer : [answer]
  const ids = answers.map((each) => (typeof each === 'object' && each !== null && 'id' in each ? each.id : undefined))
  return Number(ids.find((id) => typeof id === 'number') ?? NaN)
}
