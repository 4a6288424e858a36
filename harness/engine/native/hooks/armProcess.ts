import { type ArmWorker, startThread } from '../armThread.js'
import type { WorkerResponse } from '../protocol.js'
import { compileRuntime } from '../runtimeModule.js'
import type { ArmOrder, ArmReport } from './hookProcess.js'

// The process of one arm with hooks: hands on between the arm's thread and whoever started it.

const tell = (report: ArmReport): void => void process.send?.(report)

// Whoever started this process hears of them too, and ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit())

let thread: Promise<ArmWorker> | undefined

async function begin({ start, wasm }: Extract<ArmOrder, { kind: 'start' }>): Promise<ArmWorker> {
  const started = startThread(start, await compileRuntime(wasm, start.options.memoryLimitBytes))
  started.on('message', (response: WorkerResponse) => tell({ kind: 'response', response }))
  started.on('error', fail)
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
  void thread?.then((started) => (order.kind === 'request' ? started.send(order.request) : started.answer(order.part)))
})
