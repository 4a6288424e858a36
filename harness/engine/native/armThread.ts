import type { EventEmitter } from 'node:events'
import { MessageChannel, type ResourceLimits, Worker } from 'node:worker_threads'
import type { StatePart } from '../../fork/forkState.js'
import type { KeyRange } from '../../fork/keyRanges.js'
import type { Hex } from '../../fork/forkState.js'
import type { WorkerRequest, WorkerStart } from './protocol.js'
import type { RuntimeModule } from './runtimeModule.js'

/** What an arm runs in. Emits `message` (a WorkerResponse), `error` and `exit`, as a worker does. */
export interface ArmWorker extends Pick<EventEmitter, 'on' | 'off'> {
  send(request: WorkerRequest): void
  /** Wakes it with the answer to what it reads. */
  answer(part: StatePart | undefined): void
  /** An idle one keeps no process alive. */
  ref(): void
  unref(): void
  end(): Promise<void>
}

/** How an arm starts, as plain data. */
export interface ArmStart extends Pick<WorkerStart, 'storage' | 'committed' | 'options' | 'hooks'> {
  readonly name: string
  /** What of the state is still to be read; `undefined` when `storage` is the whole. */
  readonly ranges: readonly KeyRange<Hex>[] | undefined
  readonly resourceLimits: ResourceLimits | undefined
}

// Run from TypeScript sources (under a test runner), the worker is the compiled file.
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/engine/native/worker.js' : './worker.js',
  import.meta.url,
)

/** An arm in a thread of this process.
 *  @param hookClock where it marks its calls of hooks */
export function startThread(
  { name, storage, committed, options, hooks, ranges, resourceLimits }: ArmStart,
  { module, initialPages }: RuntimeModule,
  hookClock?: SharedArrayBuffer,
): ArmWorker {
  const channel = new MessageChannel()
  const awake = new Int32Array(new SharedArrayBuffer(4))
  // Nothing is received on it, and it keeps no process alive.
  channel.port1.unref()
  const unread = ranges && { ranges, answers: channel.port2, awake }
  const workerData: WorkerStart = { module, initialPages, storage, committed, options, hooks, hookClock, unread }
  const worker = new Worker(workerUrl, {
    workerData,
    transferList: [channel.port2],
    name: `epochdiff ${name}`,
    execArgv: [],
    ...(resourceLimits && { resourceLimits }),
  })
  return Object.assign(worker, {
    send: (request: WorkerRequest) => {
      worker.postMessage(request)
    },
    answer: (part: StatePart | undefined) => {
      channel.port1.postMessage(part)
      Atomics.store(awake, 0, 1)
      Atomics.notify(awake, 0)
    },
    end: async () => {
      await worker.terminate()
    },
  })
}
