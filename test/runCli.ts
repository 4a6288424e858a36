import { afterAll } from '@jest/globals'
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface CliOutcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

interface CliOptions {
  readonly env?: NodeJS.ProcessEnv
}

const root = fileURLToPath(new URL('..', import.meta.url))
const plain = { NO_COLOR: '1' }

let host: ChildProcess | undefined
let last: Promise<unknown> = Promise.resolve()
afterAll(() => host?.disconnect())

/** Runs the compiled command line from the package's folder, in a process that the commands of a test file share: one after the other. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliOutcome> {
  const outcome = last.then(() => ask({ args, env: { ...plain, ...options.env } }))
  last = outcome.catch(() => undefined)
  return outcome
}

async function ask(command: object): Promise<CliOutcome> {
  host ??= fork(fileURLToPath(new URL('cliHost.js', import.meta.url)), { cwd: root })
  const answered = new AbortController()
  const { signal } = answered
  const died = once(host, 'exit', { signal }).then(([code, by]: unknown[]) => {
    throw new Error(`The process of the command line ended with ${String(code ?? by)}.`)
  })
  const message = once(host, 'message', { signal }) as Promise<[CliOutcome]>
  host.send(command)
  try {
    const [outcome] = await Promise.race([message, died])
    return outcome
  } finally {
    died.catch(() => undefined)
    answered.abort()
  }
}

/** What `test/jest.js` tells V8. */
const v8Flags = process.execArgv.filter((flag) => flag.includes('-budget='))

/** As `runCli`, in a process of its own, as a user starts it: for what its start and its end are part of. */
export function spawnCli(args: readonly string[], options: CliOptions = {}): Promise<CliOutcome> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...v8Flags, 'dist/cli/main.js', ...args],
      { cwd: root, maxBuffer: 2 ** 28, env: { ...process.env, ...plain, ...options.env } },
      (error, stdout, stderr) => {
        if (error === null) resolve({ exitCode: 0, stdout, stderr })
        else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr })
        else reject(error)
      },
    )
  })
}
