import type { ResourceLimits } from 'node:worker_threads'
import { callOverLimit, functionMissing, runtimeTrapped } from '../../errors/engine.js'
import { hookOverMemory } from '../../errors/hooks.js'
import type { Hex, StateQuestion } from '../../fork/forkState.js'
import type { ArmSpec, CallResult, EngineArm, RuntimeLog, StorageDiff } from '../engine.js'
import type { EngineOptions } from '../engineOptions.js'
import { type ArmStart, type ArmWorker, startThread } from './armThread.js'
import { hookError } from './hooks/hookFault.js'
import { outOfMemory, startProcess } from './hooks/hookProcess.js'
import { unpackDiff } from './packedDiff.js'
import type { WorkerRequest, WorkerResponse } from './protocol.js'
import type { RuntimeModule } from './runtimeModule.js'

const shownLogs = 3
/** What hooks may take beside the chain's state and what it takes to hold it. */
const hookHeapMiB = 512
/** Of the worker's heap, for each entry of the state: its key and value as they come and as they are kept. */
const entryHeapBytes = 1_500

/** An arm in a worker of its own: a thread, or with hooks a process. Requests are answered in order. What was committed is
 *  remembered here too: a worker that had to be ended (out of time or memory) is followed by a fresh one in the same state. */
export function openNativeArm(spec: ArmSpec, runtime: RuntimeModule, options: EngineOptions): EngineArm {
  const committed = new Map<Hex, Hex | null>()
  const functions = new Set(runtime.functions)
  const { signal } = options
  const { remote } = spec
  let worker: ArmWorker | undefined
  /** The worker has taken up its state: that time is not the call's. */
  let ready = false
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  const start = (): ArmWorker => {
    const { memoryLimitBytes, signatures, logLevel } = options
    const { name, storage, hooks } = spec
    const armStart: ArmStart = {
      ...{ name, storage, committed, hooks },
      options: { memoryLimitBytes, signatures, logLevel },
      ranges: remote?.ranges,
      resourceLimits: hooks && hookLimits(spec),
    }
    ready = false
    const started =
      hooks === undefined ? startThread(armStart, runtime) : startProcess(armStart, spec.wasm, options.hookTimeLimitMs)
    // A worker that is gone is replaced at the next request; the request under way hears of it by its own listeners.
    const forget = (): void => {
      if (worker === started) worker = undefined
    }
    started.on('error', forget).on('exit', forget)
    return started
  }

  const end = async (): Promise<void> => {
    const ending = worker
    worker = undefined
    await ending?.end()
  }

  /** Wakes a worker with the answer to what it reads. */
  const answer = async (waiting: ArmWorker, question: StateQuestion): Promise<void> => {
    waiting.answer(await remote?.ask(question))
  }

  const ask = async (request: WorkerRequest): Promise<WorkerResponse> => {
    signal?.throwIfAborted()
    if (closed) throw new Error(`Arm "${spec.name}" is closed.`)
    const asked = (worker ??= start())
    const what = request.kind === 'call' ? request.fn : request.kind
    const answered = new Promise<WorkerResponse>((resolve, reject) => {
      const overTime = (): void =>
        settle(() => reject(overLimit(what, `over ${options.timeLimitMs} ms`, 'timeLimitMs')))
      // The time that a worker waits for what it reads is not the call's.
      let leftMs = options.timeLimitMs
      let startedAt = 0
      let timer: NodeJS.Timeout | undefined
      const startTimer = (): void => {
        startedAt = performance.now()
        timer = setTimeout(overTime, leftMs)
      }
      const stopTimer = (): void => {
        clearTimeout(timer)
        leftMs -= performance.now() - startedAt
      }
      if (ready) startTimer()
      const onMessage = (response: WorkerResponse): void => {
        switch (response.kind) {
          case 'ready':
            ready = true
            return startTimer()
          case 'reading':
            stopTimer()
            return void answer(asked, response.question).then(startTimer, (error: Error) => settle(() => reject(error)))
          default:
            return settle(() => resolve(response))
        }
      }
      const onError = (error: Error): void => settle(() => reject(workerFault(what, error)))
      const onExit = (): void => settle(() => reject(new Error(`Arm "${spec.name}" was closed during ${what}.`)))
      const onAbort = (): void => settle(() => reject(signal?.reason as Error))
      const settle = (how: () => void): void => {
        clearTimeout(timer)
        asked.off('message', onMessage).off('error', onError).off('exit', onExit)
        signal?.removeEventListener('abort', onAbort)
        how()
      }
      asked.on('message', onMessage).on('error', onError).on('exit', onExit)
      signal?.addEventListener('abort', onAbort)
    })
    asked.ref()
    asked.send(request)
    try {
      return await answered
    } catch (error) {
      // A process outlives the error that it told of, which made room for its successor.
      if (worker === asked) worker = undefined
      await asked.end()
      throw error
    } finally {
      // An idle worker keeps no process alive; one that is being ended has to, until it is gone.
      if (worker === asked) asked.unref()
    }
  }

  /** One request at a time, so that each has the whole time limit. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work)
    last = turn.catch(() => undefined)
    return turn
  }

  const overLimit = (fn: string, limit: string, option: keyof EngineOptions): Error =>
    callOverLimit({ arm: spec.name, fn, limit, option })

  const workerFault = (fn: string, error: Error & { code?: string }): Error => {
    if (error.code !== outOfMemory) return error
    if (spec.hooks === undefined) return overLimit(fn, 'more memory than its worker has', 'memoryLimitBytes')
    return hookOverMemory({ files: spec.hooks.programs.map(({ program }) => program.file), limitMiB: hookHeapMiB })
  }

  const call = async (fn: string, args: Hex, commit: boolean): Promise<CallResult> => {
    if (!functions.has(fn)) throw functionMissing({ arm: spec.name, fn })
    const response = await ask({ kind: 'call', fn, args, commit })
    if (response.kind === 'trapped')
      throw runtimeTrapped({ arm: spec.name, fn, reason: response.reason, lastLogs: tail(response.logs) })
    if (response.kind === 'hookFailed') throw hookError(response.fault)
    if (response.kind === 'overMemory')
      throw overLimit(fn, `more than ${response.limitBytes} bytes of memory`, 'memoryLimitBytes')
    const { packedDiff, ...result } = expect(response, 'called').result
    const storageDiff = unpackDiff(packedDiff)
    if (commit) for (const [key, value] of storageDiff) committed.set(key, value)
    return { ...result, storageDiff }
  }

  return {
    call: (fn, args, { commit = false } = {}) => inTurn(() => call(fn, args, commit)),
    write: (diff: StorageDiff) =>
      inTurn(async () => {
        expect(await ask({ kind: 'write', diff }), 'written')
        for (const [key, value] of diff) committed.set(key, value)
      }),
    read: (keys) => inTurn(async () => expect(await ask({ kind: 'read', keys }), 'values').values),
    entries: (prefix) => inTurn(async () => expect(await ask({ kind: 'entries', prefix }), 'found').entries),
    close: async () => {
      closed = true
      await end()
    },
  }
}

function hookLimits({ storage }: ArmSpec): ResourceLimits {
  const stateMiB = Math.ceil((storage.size * entryHeapBytes) / 2 ** 20)
  return { maxOldGenerationSizeMb: hookHeapMiB + stateMiB }
}

function expect<Kind extends WorkerResponse['kind']>(
  response: WorkerResponse,
  kind: Kind,
): Extract<WorkerResponse, { kind: Kind }> {
  if (response.kind !== kind)
    throw new Error(
      response.kind === 'defect' ? response.message : `The worker answered "${response.kind}" to "${kind}".`,
    )
  return response as Extract<WorkerResponse, { kind: Kind }>
}

function tail(logs: readonly RuntimeLog[]): string[] {
  return logs.slice(-shownLogs).map(({ level, target, message }) => `${level} ${target}: ${message}`)
}
