import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

// A process of its own, started beside the nodes: its standard input closes when epochdiff ends, however it does. What it was told by then and
// not told to forget, it ends and removes. Lines: "group 123", "forget 123", "folder /path".

const groups = new Set<number>()
let folder: string | undefined

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  const [word, ...rest] = line.split(' ')
  const value = rest.join(' ')
  if (word === 'group') groups.add(Number(value))
  if (word === 'forget') groups.delete(Number(value))
  if (word === 'folder') folder = value === '' ? undefined : value
})
lines.on('close', () => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})
// A signal to the terminal's foreground processes ends epochdiff, not this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
