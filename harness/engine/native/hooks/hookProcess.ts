import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { deserialize } from 'node:v8'
import type { StatePart } from '../../../fork/forkState.js'
import type { EngineOptions } from '../../engineOptions.js'
import type { ArmStart, ArmWorker } from '../armThread.js'
import type { WorkerRequest, WorkerResponse } from '../protocol.js'
import { hookError, type HookFaultMessage } from './hookFault.js'

// A hook's allocation that is too large for V8 ends its whole process, threads and all: so a hook has one of its own.

/** What the process of an arm is told. */
export type ArmOrder =
  | {
      readonly kind: 'start'
      readonly start: ArmStart
      readonly wasm: Uint8Array
      readonly hookTimeLimitMs: EngineOptions['hookTimeLimitMs']
    }
  | { readonly kind: 'request'; readonly request: WorkerRequest }
  | { readonly kind: 'answer'; readonly part: StatePart | undefined }

/** What it says. */
export type ArmReport =
  /** A `WorkerResponse` as v8 serializes it. */
  | { readonly kind: 'response'; readonly bytes: Uint8Array }
  /** Of a hook that is still at it: the process has to be ended. */
  | { readonly kind: 'overTime'; readonly fault: HookFaultMessage }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined }

/** Thrown for a process that V8 ended. */
export const outOfMemory = 'ERR_WORKER_OUT_OF_MEMORY'

/** Where V8's own report begins, which says nothing of the hook. */
const fatal = /<--- Last few GCs --->|FATAL ERROR|^#\s*$|^# Fatal/m

/** Starts a compiled file of this folder as a process, with this one's flags of Node and more. What it prints goes to standard error. */
export function forkHooks(name: 'armProcess' | 'hookProbe', execArgv: readonly string[] = []): ChildProcess {
  // Run from TypeScript sources (under a test runner), it is the compiled file.
  const folder = import.meta.url.endsWith('.ts') ? '../../../../dist/engine/native/hooks/' : './'
  const child = fork(new URL(`${folder}${name}.js`, import.meta.url), {
    execArgv: [...process.execArgv, ...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let silent = false
  child.stderr?.on('data', (bytes: Buffer) => {
    silent ||= fatal.test(bytes.toString('latin1'))
    if (!silent) process.stderr.write(bytes)
  })
  return child
}

/** Whether V8 ended the process: it aborts (SIGABRT, SIGTRAP, SIGILL; as an exit code 134, 133, 132, or Windows' own). */
export function endedByV8(code: number | null, signal: NodeJS.Signals | null): boolean {
  const signals: readonly (NodeJS.Signals | null)[] = ['SIGABRT', 'SIGTRAP', 'SIGILL']
  return signals.includes(signal) || [132, 133, 134, 0xc0000005, 0x80000003].includes(code ?? 0)
}

/** An arm with hooks, in a process of its own. */
export function startProcess(start: ArmStart, wasm: Uint8Array, hookTimeLimitMs: number): ArmWorker {
  const events = new EventEmitter()
  const child = forkHooks('armProcess')
  const order = (message: ArmOrder): void => {
    // Of a process that is gone its exit tells.
    if (child.connected) child.send(message, () => undefined)
  }
  const gone = new Promise<void>((resolve) => child.on('close', () => resolve()))
  child.on('message', (report: ArmReport) => {
    if (report.kind === 'response') events.emit('message', deserialize(report.bytes) as WorkerResponse)
    else if (report.kind === 'overTime') events.emit('error', hookError(report.fault))
    else events.emit('error', Object.assign(new Error(report.message), { code: report.code }))
  })
  child.on('error', (error) => events.emit('error', error))
  child.on('close', (code, signal) => {
    if (endedByV8(code, signal)) {
      events.emit('error', Object.assign(new Error('V8 ended the process'), { code: outOfMemory }))
    }
    events.emit('exit')
  })
  // Without a listener an error event would be thrown.
  events.on('error', () => undefined)
  order({ kind: 'start', start, wasm, hookTimeLimitMs })
  const ref = (): void => {
    child.ref()
    child.channel?.ref()
  }
  return {
    on: (event: string, listener: (...args: unknown[]) => void) => events.on(event, listener),
    off: (event: string, listener: (...args: unknown[]) => void) => events.off(event, listener),
    send: (request) => {
      order({ kind: 'request', request })
    },
    answer: (part) => {
      order({ kind: 'answer', part })
    },
    ref,
    unref: () => {
      child.unref()
      child.channel?.unref()
    },
    end: async () => {
      // Whoever waits for its end must not be left with nothing to wait for.
      ref()
      child.kill('SIGKILL')
      await gone
    },
  } as ArmWorker
}
