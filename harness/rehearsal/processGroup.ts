import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A command with everything that it starts. */
export interface ProcessGroup {
  readonly pid: number
  /** How it ended, in words; `undefined` while it runs. */
  ended(): string | undefined
  /** Sends the signal to all of it. */
  signal(signal: NodeJS.Signals): void
  /** Whether any process of it is left. */
  alive(): boolean
  /** Waits until nothing of it is left.
   *  @returns whether that came in time */
  gone(timeoutMs: number): Promise<boolean>
}

const pollMs = 50

/** Starts a command as the leader of a group of its own; what it prints is added to the file.
 *  @throws Error when it cannot be started */
export async function startGroup(command: string, args: readonly string[], logFile: string): Promise<ProcessGroup> {
  const log = openSync(logFile, 'a')
  let child: ChildProcess
  try {
    child = spawn(command, args, { detached: true, stdio: ['ignore', log, log] })
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  } finally {
    closeSync(log)
  }
  let ended: string | undefined
  child.once(
    'exit',
    (code, signal) => (ended = signal === null ? `it ended with exit code ${code}` : `${signal} ended it`),
  )
  child.unref()
  const pid = child.pid ?? 0
  const send = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
      throw error
    }
  }
  const alive = () => ended === undefined || send(0)
  return {
    pid,
    ended: () => ended,
    signal: (signal) => void send(signal),
    alive,
    async gone(timeoutMs) {
      const until = performance.now() + timeoutMs
      while (alive()) {
        if (performance.now() > until) return false
        await sleep(pollMs)
      }
      return true
    },
  }
}

/** Ends what epochdiff started when epochdiff itself is gone. */
export interface Watchdog {
  watch(group: ProcessGroup): void
  forget(group: ProcessGroup): void
  /** What is watched then is ended, and the folder removed. */
  release(): Promise<void>
}

// Run from TypeScript sources (under a test runner), the watchdog is the compiled file.
const watchdogFile = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/rehearsal/watchdog.js' : './watchdog.js',
  import.meta.url,
)

/** @param folder removed with the processes */
export function openWatchdog(folder: string): Watchdog {
  const dog = spawn(process.execPath, [fileURLToPath(watchdogFile)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => dog.once('exit', () => resolve()).once('error', () => resolve()))
  // It may be gone before what is written here.
  dog.stdin.on('error', () => undefined)
  dog.unref()
  if ('unref' in dog.stdin && typeof dog.stdin.unref === 'function') dog.stdin.unref()
  const tell = (line: string) => void dog.stdin.write(`${line}\n`)
  tell(`folder ${folder}`)
  return {
    watch: ({ pid }) => tell(`group ${pid}`),
    forget: ({ pid }) => tell(`forget ${pid}`),
    async release() {
      dog.ref()
      dog.stdin.end()
      await ended
    },
  }
}
