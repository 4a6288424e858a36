import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface CliOutcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs the compiled command line as a user does, from the package's folder. */
export function runCli(args: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): Promise<CliOutcome> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['dist/cli/main.js', ...args],
      { cwd: root, maxBuffer: 2 ** 28, env: { ...process.env, NO_COLOR: '1', ...options.env } },
      (error, stdout, stderr) => {
        if (error === null) resolve({ exitCode: 0, stdout, stderr })
        else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr })
        else reject(error)
      },
    )
  })
}
