import { parseAnswer, type Transport, type TransportBounds, TransportFault } from './transport.js'

/** The longest pause that a `Retry-After` is believed to need. */
const longestWaitMs = 60_000

/** An endpoint over HTTP: one POST a message. */
export function httpTransport(address: string, { timeoutMs, maxAnswerBytes }: TransportBounds): Transport {
  return {
    async send(message, _ids, signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      try {
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: message,
          signal: bounded,
        })
        if (!response.ok) {
          await response.body?.cancel()
          throw new TransportFault(`HTTP ${response.status}`, waitMs(response))
        }
        return parseAnswer(await readText(response, maxAnswerBytes))
      } catch (cause) {
        signal.throwIfAborted()
        if (cause instanceof TransportFault) throw cause
        if (bounded.aborted) throw new TransportFault(`no answer in ${timeoutMs} ms`, 0, { cause })
        throw new TransportFault(reasonOf(cause), 0, { cause })
      }
    },
    close: () => undefined,
  }
}

function waitMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after'))
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, longestWaitMs) : 0
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new TransportFault(`an answer of more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** fetch says "fetch failed" and keeps the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message
}
