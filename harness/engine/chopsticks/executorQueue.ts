import type * as Core from '@acala-network/chopsticks-core'
import type { EngineOptions } from '../engineOptions.js'

type Task = Parameters<typeof Core.runTask>[0]
export type TaskHandler = NonNullable<Parameters<typeof Core.runTask>[1]>
type TaskResponse = Awaited<ReturnType<typeof Core.runTask>>

/** The executor worker is one a process, shared by everything that imports Chopsticks: so are this queue and the count of its users. */
let last: Promise<unknown> = Promise.resolve()
let users = 0
let core: typeof Core | undefined

/** Thrown when a task was ended for taking longer than the limit. */
export class TaskOverTime extends Error {}

export function joinExecutor(): void {
  users += 1
}

/** Ends the executor worker when its last user leaves. */
export async function leaveExecutor(): Promise<void> {
  users -= 1
  if (users === 0) await endWorker()
}

/** Runs a task when the ones before it are done; the executor is ended with a task that goes over its time or is aborted.
 *  @throws TaskOverTime, or the signal's reason */
export function runInTurn(
  task: Task,
  handler: Partial<TaskHandler>,
  acceptSignatures: boolean,
  { timeLimitMs, signal }: Pick<EngineOptions, 'timeLimitMs' | 'signal'>,
): Promise<TaskResponse> {
  const turn = async (): Promise<TaskResponse> => {
    signal?.throwIfAborted()
    core ??= await import('@acala-network/chopsticks-core')
    const { runTask, emptyTaskHandler } = core
    let stop: (() => void) | undefined
    const stopped = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(new TaskOverTime()), timeLimitMs)
      const onAbort = (): void => reject(signal?.reason as Error)
      signal?.addEventListener('abort', onAbort)
      stop = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
    })
    let response: TaskResponse | undefined
    try {
      response = await Promise.race([runTask(task, { ...emptyTaskHandler, ...handler }, acceptSignatures), stopped])
      return response
    } finally {
      stop?.()
      if (!response) await endWorker()
    }
  }
  const result = last.then(turn, turn)
  last = result.catch(() => undefined)
  return result
}

async function endWorker(): Promise<void> {
  await core?.destroyWorker()
}
