import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { outputNotWritable } from '../errors/output.js'
import { type RunResult, serialiseRunResult } from './runResult.js'
import { renderTerminal } from './terminal.js'

/** A folder that is known to be writable. */
export interface Bundle {
  /** Writes result.json and report.txt. Each appears complete or not at all; older ones are replaced.
   *  @throws E702 */
  write(result: RunResult): Promise<void>
  /** After a run that gave no result: takes away the folders that were made for it, as far as they are empty. */
  discard(): Promise<void>
}

/** Makes the folder if needed and tries it before the run, so that a long run does not end without a place for its result.
 *  @throws E702 */
export async function prepareBundle(folder: string): Promise<Bundle> {
  let outermostMade: string | undefined
  await orRefuse(folder, async () => {
    outermostMade = await mkdir(folder, { recursive: true })
    const probe = temporary(folder, 'probe')
    await (await open(probe, 'wx')).close()
    await rm(probe)
  })
  return {
    async write(result) {
      const files = {
        'report.txt': renderTerminal(result, { colour: false, width: 100 }),
        'result.json': serialiseRunResult(result),
      }
      await orRefuse(folder, () => writeAll(folder, files))
    },
    async discard() {
      if (outermostMade !== undefined) await removeEmpty(resolve(folder), resolve(outermostMade))
    },
  }
}

/** Removes `folder` and its parents up to `outermost`; stops at the first that is not empty. */
async function removeEmpty(folder: string, outermost: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch {
    return
  }
  if (folder !== outermost) await removeEmpty(dirname(folder), outermost)
}

/** All files are complete on disk under other names before the first one gets its own. */
async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const drafts = Object.entries(files).map(([name, text]) => {
    return { text, draft: temporary(folder, name), path: join(folder, name) }
  })
  try {
    for (const { draft, text } of drafts) {
      const file = await open(draft, 'wx')
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    for (const { draft, path } of drafts) await rename(draft, path)
  } finally {
    await Promise.all(drafts.map(({ draft }) => rm(draft, { force: true })))
  }
}

function temporary(folder: string, name: string): string {
  return join(folder, `.${name}.${randomUUID()}`)
}

async function orRefuse(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw outputNotWritable({ folder, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}
