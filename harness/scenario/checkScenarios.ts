import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reportNotWritable } from '../errors/bundle.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { baselineUnreadable, updateRefused } from '../errors/regression.js'
import { type Baseline, baselineOf, parseBaseline, serialiseBaseline } from '../report/baseline.js'
import type { CheckedScenario } from '../report/checkReport.js'
import { compareBaseline } from '../report/compareBaseline.js'
import type { RunResult } from '../report/runResult.js'
import { writeReport } from '../report/writeReport.js'
import type { CheckPlan } from './checkConfig.js'
import type { LoadedScenario } from './scenario.js'
import { runScenario, type RunOptions } from './runScenario.js'

export interface CheckOptions extends RunOptions {
  /** Keep the results instead of comparing them. */
  readonly update: boolean
}

/** Runs scenarios and compares each with what was kept of it, or keeps it.
 *  @returns one element a scenario; a run that fails as its runtime or its checks do is an error among its checks
 *  @throws E621 a kept result that cannot be read, E623 a failed run that is to be kept, and the runs' errors of input and
 *          environment */
export async function checkScenarios(plan: CheckPlan, options: CheckOptions): Promise<CheckedScenario[]> {
  const kept = new Map<string, Baseline | undefined>()
  for (const { scenario } of plan.scenarios) kept.set(scenario.name, await readBaseline(plan.baselines, scenario.name))
  const checked: CheckedScenario[] = []
  const results: RunResult[] = []
  for (const loaded of plan.scenarios) {
    const startedAt = new Date().toISOString()
    const start = performance.now()
    const outcome = await run(loaded, options)
    const { name, title } = loaded.scenario
    const common = { name, title, startedAt, totalMs: performance.now() - start }
    if (outcome instanceof EpochdiffError) {
      if (options.update) throw outcome
      checked.push({ ...common, checks: [failedRun(outcome)] })
      continue
    }
    const failed = outcome.checks.find(({ level }) => level === 'error')
    if (options.update && failed !== undefined) throw updateRefused({ name, check: failed.name })
    results.push(outcome)
    const comparison = options.update ? [] : compareBaseline(kept.get(name), outcome, plan.tolerances)
    checked.push({ ...common, checks: [...outcome.checks, ...comparison] })
  }
  // Only when all ran: an interrupted or failed update changes nothing.
  if (options.update) await keep(plan.baselines, results)
  return checked
}

async function run(loaded: LoadedScenario, options: CheckOptions): Promise<RunResult | EpochdiffError> {
  options.progress.step(`== ${loaded.scenario.name}`)
  try {
    return await runScenario(loaded, options)
  } catch (error) {
    if (error instanceof EpochdiffError && error.exitCode === 1 && !options.signal.aborted) return error
    throw error
  }
}

function failedRun({ code, short, why, fix }: EpochdiffError): CheckedScenario['checks'][number] {
  return { name: 'run', level: 'error', seen: `${code}: ${short}`, expected: 'a result', why: why ?? fix }
}

async function readBaseline(folder: string, name: string): Promise<Baseline | undefined> {
  const file = join(folder, `${name}.json`)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw baselineUnreadable({ file, reason: message }, { cause })
  }
  return parseBaseline(text, file)
}

async function keep(folder: string, results: readonly RunResult[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw reportNotWritable({ file: folder, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
  for (const result of results) {
    await writeReport(join(folder, `${result.scenario.name}.json`), [serialiseBaseline(baselineOf(result))])
  }
}
