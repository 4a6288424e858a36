import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { outputNotWritable } from '../errors/output.js'
import { bundleInputs } from './bundleInputs.js'
import { type BundleManifest, MANIFEST_FILE, serialiseManifest, STATE_FILE } from './bundleManifest.js'
import { renderReport } from './renderReport.js'
import type { ReportFormat } from './reportFormats.js'
import type { RunResult } from './runResult.js'
import { writePieces } from './writeReport.js'

/** What a bundle holds beside the reports. */
export interface BundleContents {
  readonly result: RunResult
  /** Paths of the files that the scenario was read from, the scenario's own first. */
  readonly inputFiles: readonly string[]
  /** The fork that the command line chose instead of the scenario's fork file; `file`: the path of its snapshot. */
  readonly chosenFork:
    | { readonly rpc: readonly string[]; readonly block: string | number }
    | { readonly snapshot: string; readonly file: string }
    | undefined
  /** Writes the snapshot of what was read of nodes; `undefined` when nothing was, or it is left out. */
  readonly writeState: ((file: string) => Promise<unknown>) | undefined
  /** Path of the candidate's own runtime, if it has one. */
  readonly codeFile: string | undefined
  /** Uncompressed, as they ran. */
  readonly runtimes: Readonly<Record<'baseline' | 'candidate', Uint8Array>>
}

/** A folder that is known to be writable. */
export interface Bundle {
  /** Writes result.json, the reports, the inputs, the runtimes, what was patched, and bundle.json with the sha256 of each. All
   *  of it is complete in the folder, or nothing: older files are replaced together, others stay.
   *  @throws E702 */
  write(contents: BundleContents): Promise<void>
  /** After a run that gave no result: takes away the folders that were made for it, as far as they are empty. */
  discard(): Promise<void>
}

/** The reports of a bundle. */
export const bundleReports: readonly (readonly [file: string, format: ReportFormat])[] = [
  ['result.json', 'json'],
  ['report.txt', 'terminal'],
  ['report.md', 'markdown'],
  ['report.html', 'html'],
  ['ledger.csv', 'csv'],
  ['junit.xml', 'junit'],
]

/** How report.txt is set. */
export const REPORT_TERMINAL = { colour: false, width: 100 }

/** An input above this size is referred to by its hash. */
const LARGEST_HELD_BYTES = 32 * 1024 * 1024

/** Makes the folder if needed and tries it before the run, so that a long run does not end without a place for its result.
 *  @throws E702 */
export async function prepareBundle(folder: string): Promise<Bundle> {
  let outermostMade: string | undefined
  await orRefuse(folder, async () => {
    outermostMade = await mkdir(folder, { recursive: true })
    const probe = join(folder, `.epochdiff-${randomUUID()}`)
    await (await open(probe, 'wx')).close()
    await rm(probe)
  })
  return {
    async write(contents) {
      await orRefuse(folder, async () => {
        // Not recursive: a folder that vanished during the run is not made again.
        const staging = join(folder, `.epochdiff-${randomUUID()}`)
        await mkdir(staging)
        try {
          await replaceTogether(folder, staging, await stage(staging, contents))
        } finally {
          await rm(staging, { recursive: true, force: true })
        }
      })
    },
    async discard() {
      if (outermostMade !== undefined) await removeEmpty(resolve(folder), resolve(outermostMade))
    },
  }
}

/** Writes everything below `staging/new`.
 *  @returns the paths of what was written, bundle.json last */
async function stage(
  staging: string,
  { result, inputFiles, chosenFork, writeState, codeFile, runtimes }: BundleContents,
): Promise<string[]> {
  const files: BundleManifest['files'] = []
  const add = async (path: string, pieces: Iterable<string | Uint8Array>) => {
    const hash = createHash('sha256')
    let bytes = 0
    const counted = function* () {
      for (const piece of pieces) {
        hash.update(piece)
        bytes += Buffer.byteLength(piece)
        yield piece
      }
    }
    await mkdir(dirname(join(staging, 'new', path)), { recursive: true })
    await writePieces(join(staging, 'new', path), counted())
    files.push({ path, sha256: hash.digest('hex'), bytes, held: true })
  }
  for (const [path, format] of bundleReports) await add(path, await renderReport(result, format, REPORT_TERMINAL))
  for (const arm of ['baseline', 'candidate'] as const) await add(`runtimes/${arm}.wasm`, [runtimes[arm]])
  const patches = { patches: result.patches, weave: result.runtimes.candidate.weave }
  await add('patches.json', [`${JSON.stringify(patches, null, 2)}\n`])
  const inputs = bundleInputs(inputFiles)
  for (const [index, file] of inputFiles.entries()) {
    const path = inputs[index] ?? ''
    const { size } = await stat(file)
    if (size <= LARGEST_HELD_BYTES) await add(path, [await readFile(file)])
    else files.push({ path, sha256: await sha256OfFile(file), bytes: size, held: false })
  }
  const state = writeState === undefined ? null : STATE_FILE
  if (writeState !== undefined) {
    // Of any size: nobody else has it.
    const file = join(staging, 'new', STATE_FILE)
    await writeState(file)
    files.push({ path: STATE_FILE, sha256: await sha256OfFile(file), bytes: (await stat(file)).size, held: true })
  }
  const { scenario, engine, crossCheckedEpochs, tool } = result
  const placeOf = (file: string) => inputs[inputFiles.indexOf(file)] ?? ''
  const fork =
    chosenFork === undefined
      ? null
      : 'snapshot' in chosenFork
        ? { snapshot: chosenFork.snapshot, path: placeOf(chosenFork.file) }
        : { rpc: [...chosenFork.rpc], block: chosenFork.block }
  const code = codeFile === undefined ? null : placeOf(codeFile)
  const { overrides } = scenario
  const run = { scenario: inputs[0] ?? '', overrides, engine, crossCheckedEpochs, fork, state, code }
  const ordered = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  await writePieces(join(staging, 'new', MANIFEST_FILE), [
    serialiseManifest({ bundleVersion: 1, tool, run, files: ordered }),
  ])
  return [...files.filter(({ held }) => held).map(({ path }) => path), MANIFEST_FILE]
}

/** sha256, hex, of a file of any size. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Moves the staged files to their places, the older ones of that name out of the way first; if anything fails, all back. The
 *  older bundle.json goes first and the new one comes last: a folder that has one is whole. */
async function replaceTogether(folder: string, staging: string, paths: readonly string[]): Promise<void> {
  const retired: string[] = []
  const placed: string[] = []
  const made: string[] = []
  const old = (path: string) => join(staging, 'old', path)
  try {
    for (const path of paths.toReversed()) {
      const target = join(folder, path)
      const entry = await stat(target).catch(() => undefined)
      if (entry === undefined) continue
      if (!entry.isFile()) throw new Error(`${path} is in the way and is no file`)
      await mkdir(dirname(old(path)), { recursive: true })
      await rename(target, old(path))
      retired.push(path)
    }
    for (const path of paths) {
      const first = await mkdir(dirname(join(folder, path)), { recursive: true })
      if (first !== undefined) made.push(first)
      await rename(join(staging, 'new', path), join(folder, path))
      placed.push(path)
    }
  } catch (error) {
    for (const path of placed) await rm(join(folder, path), { force: true })
    for (const path of retired) await rename(old(path), join(folder, path))
    for (const first of made) await rm(first, { recursive: true, force: true })
    throw error
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

async function orRefuse(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw outputNotWritable({ folder, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}
