import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { bundleInputMissing, bundleNeedsNode, bundleReachesOut } from '../errors/bundle.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { hooksNotAllowed } from '../errors/hooks.js'
import { trustText } from '../fork/chainFork.js'
import { type BundleManifest, MANIFEST_FILE, readManifest } from '../report/bundleManifest.js'
import { jsonDifferences } from '../report/jsonDifferences.js'
import { renderReport } from '../report/renderReport.js'
import { resultDigest } from '../report/resultDigest.js'
import { parseRunResult, type RunResult, serialiseRunResult } from '../report/runResult.js'
import type { BundleDifference, Verification } from '../report/verification.js'
import { bundleReports, REPORT_TERMINAL, sha256OfFile } from '../report/writeBundle.js'
import { loadScenario } from './loadScenario.js'
import { overrideFork, standingOn } from './overrideFork.js'
import { runScenario, type RunOptions } from './runScenario.js'
import type { LoadedScenario } from './scenario.js'

/** What is wrong with the bundle or with how it is verified, not a difference. */
const refusals: readonly string[] = [bundleReachesOut.code, bundleNeedsNode.code, hooksNotAllowed.code]

/** How many members of a result are listed. */
const LISTED_MEMBERS = 20

export interface VerifyOptions extends Pick<
  RunOptions,
  'toolVersion' | 'progress' | 'signal' | 'cache' | 'allowHooks'
> {
  /** Whether a fork may be read from a node again. */
  readonly online: boolean
}

/** Repeats the run of a bundle from what the bundle holds, without network, and compares everything in it.
 *  @throws E722 no bundle, E723 a large input that is not there, E724 a scenario that names files outside, E725 a fork of a node,
 *  E341 hooks that were not allowed */
export async function verifyBundle(folder: string, options: VerifyOptions): Promise<Verification> {
  const manifest = await readManifest(folder)
  options.progress.step(`Comparing ${manifest.files.length} files with ${MANIFEST_FILE}`)
  const differences = await compareFiles(folder, manifest)
  const notes = await unlistedFiles(folder, manifest)

  const altered = differences.filter(({ place }) => place.startsWith('inputs/') || place === manifest.run.state)
  const kept = await keptResult(folder)
  if (!('result' in kept)) differences.push(kept)
  let repeated: RunResult | undefined
  if (altered.length > 0) {
    notes.push('The run was not repeated: its inputs are not those of the bundle.')
  } else {
    try {
      repeated = await repeat(folder, manifest, 'result' in kept ? kept.result.fork : undefined, options)
    } catch (error) {
      if (!(error instanceof EpochdiffError) || options.signal.aborted || refusals.includes(error.code)) throw error
      const seen = `${error.code}: ${error.short}`
      differences.push({ kind: 'run', place: manifest.run.scenario, seen, expected: 'a run that gives a result' })
    }
  }

  let unlisted = 0
  if (repeated !== undefined && 'result' in kept) {
    const members = compareResults(kept.result, repeated)
    differences.push(...members.slice(0, LISTED_MEMBERS))
    unlisted = Math.max(0, members.length - LISTED_MEMBERS)
    if (kept.result.tool.version !== repeated.tool.version) {
      notes.push(`Made by epochdiff ${kept.result.tool.version}, repeated by ${repeated.tool.version}.`)
    }
  }
  if (repeated !== undefined) differences.push(...compareRuntimes(manifest, repeated))
  if ('result' in kept && kept.result.tool.version === options.toolVersion) {
    differences.push(...(await compareReports(folder, manifest, kept.result)))
  }
  return {
    equal: differences.length === 0,
    differences,
    unlisted,
    notes,
    repeatedDigest: repeated === undefined ? null : resultDigest(repeated),
  }
}

async function compareFiles(folder: string, { files }: BundleManifest): Promise<BundleDifference[]> {
  const differences: BundleDifference[] = []
  for (const { path, sha256, held } of files) {
    const file = join(folder, path)
    const entry = await stat(file).catch(() => undefined)
    if (entry === undefined && !held) throw bundleInputMissing({ file, sha256 })
    const seen = entry?.isFile() === true ? await sha256OfFile(file) : undefined
    if (seen === sha256) continue
    differences.push({
      kind: 'file',
      place: path,
      seen: seen === undefined ? 'no such file' : `sha256 ${seen}`,
      expected: `sha256 ${sha256}`,
    })
  }
  return differences
}

async function unlistedFiles(folder: string, { files }: BundleManifest): Promise<string[]> {
  const listed = new Set([MANIFEST_FILE, ...files.map(({ path }) => path)])
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const others = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !listed.has(path))
  return others.length === 0 ? [] : [`Not part of the bundle: ${others.sort().join(', ')}.`]
}

async function keptResult(folder: string): Promise<{ result: RunResult } | BundleDifference> {
  try {
    return { result: parseRunResult(await readFile(join(folder, 'result.json'), 'utf8')) }
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error)
    return { kind: 'result', place: 'result.json', seen, expected: 'a result of this version' }
  }
}

/** @param forked what the result says of its fork */
async function repeat(
  folder: string,
  { run }: BundleManifest,
  forked: RunResult['fork'] | undefined,
  options: VerifyOptions,
): Promise<RunResult> {
  const written = await loadScenario(join(folder, run.scenario), run.overrides)
  const scenario = withHeldCode(folder, run, onChosenFork(folder, run, written))
  const outside = scenario.inputFiles.find((file) => relative(resolve(folder, 'inputs'), file).split(sep)[0] === '..')
  if (outside !== undefined) throw bundleReachesOut({ file: outside })
  const { engine, crossCheckedEpochs: crossCheckEpochs } = run
  const standing = onHeldState(folder, run, forked?.block.hash, scenario, options.online)
  const verify = forked?.trust === trustText({ kind: 'proven' })
  return await runScenario(standing, { ...options, engine, crossCheckEpochs, verify })
}

/** The scenario on what the bundle holds of its nodes' state; on the nodes again, at the same block, where that is allowed.
 *  @throws E725 */
function onHeldState(
  folder: string,
  { state }: BundleManifest['run'],
  block: string | undefined,
  loaded: LoadedScenario,
  online: boolean,
): LoadedScenario {
  const { fork } = loaded.scenario
  if (!('rpc' in fork)) return loaded
  if (online) return overrideFork(loaded, { rpc: fork.rpc, block: block ?? String(fork.block), snapshot: undefined })
  if (state === null) throw bundleNeedsNode({ nodes: fork.rpc.join(', ') })
  return overrideFork(loaded, { rpc: [], block: undefined, snapshot: resolve(folder, state) })
}

/** The scenario on the fork that the command line chose, named as it was: its name is a part of what is hashed. */
function onChosenFork(folder: string, { fork }: BundleManifest['run'], loaded: LoadedScenario): LoadedScenario {
  if (fork === null) return loaded
  if ('rpc' in fork) return overrideFork(loaded, { rpc: fork.rpc, block: String(fork.block), snapshot: undefined })
  const { snapshot, path } = fork
  return standingOn({ ...loaded, scenario: { ...loaded.scenario, fork: { snapshot } } }, resolve(folder, path))
}

/** The scenario with the runtime of its candidate that the bundle holds: an override can have named it from anywhere. */
function withHeldCode(folder: string, { code }: BundleManifest['run'], loaded: LoadedScenario): LoadedScenario {
  if (code === null || loaded.codeFile === undefined) return loaded
  const codeFile = resolve(folder, code)
  return {
    ...loaded,
    codeFile,
    inputFiles: loaded.inputFiles.map((file) => (file === loaded.codeFile ? codeFile : file)),
  }
}

function compareResults(kept: RunResult, repeated: RunResult): BundleDifference[] {
  const expected: RunResult = { ...repeated, timing: kept.timing, tool: kept.tool }
  // Through the canonical text: only what is written counts.
  const [ours, theirs] = [kept, expected].map((result) => JSON.parse(serialiseRunResult(result)) as unknown)
  return [...jsonDifferences(ours, theirs)].map(({ path, first, second }) => {
    return { kind: 'result', place: `result.json ${path}`, seen: told(first), expected: told(second) }
  })
}

function told(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function compareRuntimes({ files }: BundleManifest, { runtimes }: RunResult): BundleDifference[] {
  return (['baseline', 'candidate'] as const).flatMap((arm): BundleDifference[] => {
    const place = `runtimes/${arm}.wasm`
    const listed = files.find(({ path }) => path === place)?.sha256
    const expected = runtimes[arm].sha256
    if (listed === expected) return []
    return [{ kind: 'runtime', place, seen: `sha256 ${listed ?? 'of no such file'}`, expected: `sha256 ${expected}` }]
  })
}

async function compareReports(folder: string, { files }: BundleManifest, kept: RunResult): Promise<BundleDifference[]> {
  const differences: BundleDifference[] = []
  for (const [place, format] of bundleReports) {
    if (!files.some(({ path }) => path === place)) continue
    const text = await readFile(join(folder, place), 'utf8').catch(() => undefined)
    if (text === undefined || sameText(text, await renderReport(kept, format, REPORT_TERMINAL))) continue
    const seen = 'another text than result.json gives'
    differences.push({ kind: 'report', place, seen, expected: 'what `epochdiff report` renders' })
  }
  return differences
}

function sameText(text: string, pieces: Iterable<string>): boolean {
  let at = 0
  for (const piece of pieces) {
    if (!text.startsWith(piece, at)) return false
    at += piece.length
  }
  return at === text.length
}
