import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { nothingToCheck, scenarioTwice } from '../errors/regression.js'
import type { Tolerance } from '../report/compareBaseline.js'
import { jsonSchemaOf } from './jsonSchema.js'
import { loadScenario } from './loadScenario.js'
import type { LoadedScenario } from './scenario.js'
import { validateYaml } from './validate.js'
import { readYamlFile } from './yamlFile.js'

/** Where `epochdiff check` looks when it is not told. */
const DEFAULT_CHECK_CONFIG = 'ci/check.yaml'

/** What `epochdiff check` runs and compares. */
const checkConfigSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format: 1.'),
  baselines: z.string().min(1).max(1000).describe('Folder of the kept results, relative to this file.'),
  scenarios: z
    .array(
      z.strictObject({
        file: z.string().min(1).max(1000).describe('A scenario, relative to this file.'),
        set: z.array(z.string()).max(100).optional().describe('Overrides as for --set, such as replay.epochs=5.'),
      }),
    )
    .max(1000)
    .describe('What is run.'),
  tolerances: z
    .array(
      z.strictObject({
        metric: z.string().min(1).max(200).describe('Name of a metric; * stands for any characters.'),
        absolute: z.number().min(0).optional().describe('How far it may move, in its unit.'),
        relative: z.number().min(0).optional().describe('How far it may move, as part of its kept value.'),
      }),
    )
    .max(1000)
    .optional()
    .describe('The first that fits a metric counts; a metric that none fits may not move.'),
})

export interface CheckPlan {
  readonly scenarios: readonly LoadedScenario[]
  /** Folder of the kept results. */
  readonly baselines: string
  readonly tolerances: readonly Tolerance[]
}

/** What to check: the scenarios that a config file lists, or those that are named, with what the file says of them.
 *  @param named paths of scenarios; none: all that the file lists
 *  @param config path of the file; `undefined`: the default one, if it is there
 *  @throws E620 nothing to check, E622 a name twice, and what `loadScenario` throws */
export async function loadCheckPlan(named: readonly string[], config: string | undefined): Promise<CheckPlan> {
  const file = config ?? DEFAULT_CHECK_CONFIG
  const exists = config !== undefined || (await isThere(file))
  if (!exists && named.length === 0) throw nothingToCheck({ config: file })
  const yaml = exists ? await readYamlFile(file) : undefined
  const written =
    yaml === undefined ? undefined : validateYaml(yaml, checkConfigSchema, jsonSchemaOf(checkConfigSchema))
  const listed = (written?.scenarios ?? []).map(({ file: scenario, set = [] }) => {
    return { path: resolve(dirname(file), scenario), set }
  })
  const chosen =
    named.length === 0
      ? listed
      : named.map((path) => listed.find((entry) => entry.path === resolve(path)) ?? { path, set: [] })
  if (chosen.length === 0) throw nothingToCheck({ config: file })
  const scenarios: LoadedScenario[] = []
  for (const { path, set } of chosen) scenarios.push(await loadScenario(path, set))
  const names = scenarios.map(({ scenario }) => scenario.name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw scenarioTwice({ name: twice })
  return {
    scenarios,
    baselines: resolve(dirname(file), written?.baselines ?? 'baseline'),
    tolerances: written?.tolerances ?? [],
  }
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}
