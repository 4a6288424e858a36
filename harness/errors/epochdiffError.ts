/** Exit codes of the CLI: a failed check, wrong usage or input, a fault of the environment (network, node, machine). */
export type ExitCode = 1 | 2 | 3

/** What a user is told: `short` what is wrong and where, `why` the cause if it is not obvious, `fix` how to mend it. */
export interface ErrorText<Details> {
  readonly title: string
  readonly exitCode: ExitCode
  readonly short: (details: Details) => string
  readonly why?: string
  readonly fix: string | ((details: Details) => string)
}

/** The only error class a user meets: a numbered fault with its mend. Everything else that is thrown is a defect. */
export class EpochdiffError extends Error {
  override readonly name = 'EpochdiffError'

  constructor(
    readonly code: string,
    readonly exitCode: ExitCode,
    readonly short: string,
    readonly why: string | undefined,
    readonly fix: string,
    options?: { cause?: unknown },
  ) {
    super(`${code}: ${short}`, options)
  }
}

/** Makes the error `(details) => EpochdiffError`. Codes: E1xx input and usage, E2xx fork and data, E3xx runtime and weaver,
 *  E4xx engine, E5xx replay and ledger, E6xx diff, metrics and checks, E7xx output and environment, E8xx rehearsals. */
export interface ErrorDefinition<Details> {
  (details: Details, options?: { cause?: unknown }): EpochdiffError
  readonly code: string
  readonly text: ErrorText<Details>
}

export function defineError<Details = Record<never, never>>(
  code: `E${number}`,
  text: ErrorText<Details>,
): ErrorDefinition<Details> {
  const make = (details: Details, options?: { cause?: unknown }) =>
    new EpochdiffError(
      code,
      text.exitCode,
      text.short(details),
      text.why,
      typeof text.fix === 'string' ? text.fix : text.fix(details),
      options,
    )
  return Object.assign(make, { code, text })
}
