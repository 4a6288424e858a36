import type { SingleBar } from 'cli-progress'

/** What a long command tells the person who waits for it. */
export interface Progress {
  step(title: string): void
  /** `done` of `total` units of the current step. */
  tick(done: number, total: number): void
  close(): void
}

/** A bar with rate and time left on a terminal; otherwise one line a step. All on standard error. */
export async function openProgress(): Promise<Progress> {
  return process.stderr.isTTY ? await terminalProgress() : lineProgress()
}

function lineProgress(): Progress {
  return {
    step: (title) => process.stderr.write(`${title}\n`),
    tick: () => undefined,
    close: () => undefined,
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
  return {
    step(next) {
      close()
      title = next
      process.stderr.write(`${next}\n`)
    },
    tick(done, total) {
      if (bar === undefined) {
        startedAt = performance.now()
        bar = new cliProgress.SingleBar(
          { format: '  {bar} {value}/{total} {title} | {rate}/s | {eta_formatted} left', clearOnComplete: true },
          cliProgress.Presets.shades_classic,
        )
        bar.start(total, 0, { title: '', rate: '-' })
      }
      const seconds = (performance.now() - startedAt) / 1000
      bar.update(done, { title: title.toLowerCase(), rate: seconds > 0 ? (done / seconds).toFixed(1) : '-' })
      if (done >= total) close()
    },
    close,
  }
}
