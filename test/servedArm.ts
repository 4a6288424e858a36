import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface ServedArm {
  /** ws://127.0.0.1:port */
  readonly url: string
  /** What it wrote to standard error. */
  errors(): string
  /** Ends it as Ctrl-C does.
   *  @returns its exit code */
  end(): Promise<number | null>
  kill(): void
}

/** `epochdiff serve` on a free port, once it can be asked. */
export async function serveArm(args: readonly string[]): Promise<ServedArm> {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const child = spawn(process.execPath, ['dist/cli/main.js', 'serve', ...args, '--port', '0'], { cwd })
  let [stdout, stderr] = ['', '']
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const [found] = /ws:\/\/\S+/.exec(stdout) ?? []
      if (found !== undefined) resolve(found)
    })
    child.on('exit', (code) => reject(new Error(`exit code ${code}: ${stderr}`)))
  })
  return {
    url,
    errors: () => stderr,
    async end() {
      child.kill('SIGINT')
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
