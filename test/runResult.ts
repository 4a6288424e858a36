import { expect } from '@jest/globals'
import { parseRunResult, type RunResult } from '../harness/report/runResult.js'
import { runCli } from './runCli.js'

/** `epochdiff run ... --json`, which must succeed: the result, and its text without the one member that may differ. */
export async function runForResult(
  args: readonly string[],
  options: Parameters<typeof runCli>[1] = {},
  run = runCli,
): Promise<{ result: RunResult; textWithoutTiming: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await run(['run', ...args, '--json'], options)
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`)
  return { result: parseRunResult(stdout), textWithoutTiming: withoutTiming(stdout), stderr }
}

/** Takes the lines of the member `timing` out of the text as it was printed. */
function withoutTiming(text: string): string {
  const rest = text.replace(/^ {2}"timing": \{\n(?: {4}.*\n)+ {2}\},?\n/m, '')
  expect(rest).not.toBe(text)
  expect(rest).not.toContain('timing')
  return rest
}
