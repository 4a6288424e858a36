/** Carries messages to one endpoint and back. */
export interface Transport {
  /** One JSON-RPC message (a request or a batch of them) and the JSON that answers it.
   *  @param ids of the requests in it
   *  @throws TransportFault; the signal's reason */
  send(message: string, ids: readonly number[], signal: AbortSignal): Promise<unknown>
  close(): void
}

/** An endpoint that does not answer as it should: another try, or another endpoint, may. */
export class TransportFault extends Error {
  constructor(
    reason: string,
    /** How long the endpoint asks to be left alone. */
    readonly waitMs = 0,
    options?: ErrorOptions,
  ) {
    super(reason, options)
  }
}

export interface TransportBounds {
  /** A message that is not answered in this time is given up. */
  readonly timeoutMs: number
  /** A longer answer is refused unread. */
  readonly maxAnswerBytes: number
}

/** @throws TransportFault when the text is no JSON */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TransportFault(`an answer that is not JSON: ${JSON.stringify(text.slice(0, 60))}`, 0, { cause })
  }
}
