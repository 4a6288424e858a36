import { type ArmWorker, startThread } from '../armThread.js'
import type { PackedResponse } from '../protocol.js'
import { compileRuntime } from '../runtimeModule.js'
import { duringTask, sharedClock, watchCalls } from './callClock.js'
import type { ArmOrder, ArmReport } from './hookProcess.js'

// The process of one arm with hooks: hands on between the arm's thread and whoever started it.

const tell = (report: ArmReport): void => void process.send?.(report)

// Whoever started this process hears of them too, and ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit())

let thread: Promise<ArmWorker> | undefined
/** The thread waits for what it reads of a fork. */
let reading = false

async function begin({
  start,
  wasm,
  hookTimeLimitMs: limitMs,
}: Extract<ArmOrder, { kind: 'start' }>): Promise<ArmWorker> {
  const clock = sharedClock()
  const started = startThread(start, await compileRuntime(wasm, start.options.memoryLimitBytes), clock)
  started.on('message', (packed: PackedResponse) => {
    reading = packed.reading
    tell({ kind: 'response', bytes: packed.bytes })
  })
  started.on('error', fail)
  watchCalls(
    clock,
    limitMs,
    () => reading,
    (hook, task) => {
      const file = start.hooks?.programs[hook]?.program.file ?? ''
      tell({ kind: 'overTime', fault: { kind: 'overTime', details: { file, during: duringTask(task), limitMs } } })
    },
  )
  return started
}

function fail(error: Error & { code?: string }): void {
  tell({ kind: 'failed', message: error.message, code: error.code })
}

process.on('message', (order: ArmOrder) => {
  if (order.kind === 'start') {
    thread = begin(order)
    thread.catch(fail)
    return
  }
  void thread?.then((started) => {
    if (order.kind === 'request') return started.send(order.request)
    reading = false
    started.answer(order.part)
  })
})
