import type { SingleBar } from 'cli-progress'

/** What a long command tells the person who waits for it. */
export interface Progress {
  step(title: string): void
  /** `done` of `total` units of the current step. */
  tick(done: number, total: number): void
  /** Keys of a chain's state that were fetched, of those known to be needed so far, and their bytes. */
  fetched(progress: Fetched): void
  close(): void
}

interface Fetched {
  readonly keys: number
  readonly totalKeys: number
  readonly bytes: number
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** A bar with rate and time left on a terminal; otherwise one line a step. All on standard error. */
export async function openProgress(): Promise<Progress> {
  return process.stderr.isTTY ? await terminalProgress() : lineProgress()
}

const quietMs = 5_000

function lineProgress(): Progress {
  let saidAt = performance.now()
  /** Not said yet. */
  let last: Fetched | undefined
  const sayLast = (): void => {
    if (last === undefined) return
    process.stderr.write(`  ${last.keys} of ${last.totalKeys} keys, ${megabytes(last.bytes)}\n`)
    last = undefined
    saidAt = performance.now()
  }
  return {
    step(title) {
      sayLast()
      process.stderr.write(`${title}\n`)
    },
    tick: () => undefined,
    fetched(progress) {
      last = progress
      if (performance.now() - saidAt >= quietMs) sayLast()
    },
    close: sayLast,
  }
}

async function terminalProgress(): Promise<Progress> {
  const { default: cliProgress } = await import('cli-progress')
  let bar: SingleBar | undefined
  let title = ''
  let startedAt = 0
  const close = () => {
    bar?.stop()
    bar = undefined
  }
  const openBar = (total: number): SingleBar => {
    startedAt = performance.now()
    const format = '  {bar} {value}/{total} {title} | {rate} | {eta_formatted} left'
    const made = new cliProgress.SingleBar({ format, clearOnComplete: true }, cliProgress.Presets.shades_classic)
    made.start(total, 0, { title: '', rate: '-' })
    return made
  }
  const perSecond = (amount: number): number => amount / Math.max((performance.now() - startedAt) / 1000, 0.001)
  return {
    step(next) {
      close()
      title = next
      process.stderr.write(`${next}\n`)
    },
    tick(done, total) {
      bar ??= openBar(total)
      bar.update(done, { title: title.toLowerCase(), rate: `${perSecond(done).toFixed(1)}/s` })
      if (done >= total) close()
    },
    fetched({ keys, totalKeys, bytes }) {
      bar ??= openBar(totalKeys)
      bar.setTotal(totalKeys)
      const rate = `${perSecond(keys).toFixed(0)} keys/s, ${megabytes(perSecond(bytes))}/s`
      bar.update(keys, { title: `keys, ${megabytes(bytes)}`, rate })
    },
    close,
  }
}
