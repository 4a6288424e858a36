/** What bounds and colours the calls of an engine. */
export interface EngineOptions {
  /** A call that takes longer is ended (E402). Default 120,000. */
  readonly timeLimitMs: number
  /** A hook's call that takes longer is ended (E346). Default 10,000. Native engine only. */
  readonly hookTimeLimitMs: number
  /** Memory of a running instance, and bytes of storage that one call may write (E402). Default 1 GiB. Native engine only. */
  readonly memoryLimitBytes: number
  /** `accept` takes every signature as valid and lists that as mocked. Default `verify`. */
  readonly signatures: 'verify' | 'accept'
  /** The runtime's own logging. Default `warn`. */
  readonly logLevel: 'off' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
  /** Ends every call under way, and the engine with it. */
  readonly signal?: AbortSignal
}

export const defaultEngineOptions: EngineOptions = {
  timeLimitMs: 120_000,
  hookTimeLimitMs: 10_000,
  memoryLimitBytes: 2 ** 30,
  signatures: 'verify',
  logLevel: 'warn',
}
