import { cancelled } from '../errors/cli.js'
import { EpochdiffError } from '../errors/epochdiffError.js'

/** Exit code of a process that a signal ended, by the shell's convention. */
const exitCodeOfInterrupt = 130

/** Prints an error in three lines and sets the exit code; `debug` adds the stack. */
export function reportFailure(error: unknown, { debug }: { debug: boolean }): void {
  if (error instanceof EpochdiffError) {
    process.exitCode = error.code === cancelled.code ? exitCodeOfInterrupt : error.exitCode
    const lines = [`error ${error.code}: ${error.short}`]
    if (error.why !== undefined) lines.push(`  why: ${error.why}`)
    lines.push(`  fix: ${error.fix}`)
    process.stderr.write(`${lines.join('\n')}\n`)
  } else {
    process.exitCode = 1
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(
      `error: a defect of epochdiff: ${message}\n  fix: run with --debug and report what it prints.\n`,
    )
  }
  if (debug) process.stderr.write(stackOf(error))
}

/** The stack of an error and of everything that caused it. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const cause = stackOf(error.cause)
  return `${error.stack ?? error.message}\n${cause === '' ? '' : `caused by: ${cause}`}`
}
