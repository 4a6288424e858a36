import { basename, extname } from 'node:path'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { overrideInvalid } from '../errors/input.js'
import type { HookPatch } from '../runtime/hookPatch.js'
import { type CodePatch, codeAllowances, hooksOf, type Patch, policiesOf } from '../runtime/patch.js'
import { checkPolicyParams } from '../runtime/policies.js'
import { didYouMean } from '../errors/didYouMean.js'
import { scenarioJsonSchema, schemaAt } from './jsonSchema.js'
import type { Scenario } from './scenario.js'
import { recordedEpochs, replaySchema } from './schema.js'
import { problemsOf } from './validate.js'

/** The scenario with `--set` applied, in order: `stake-cap.percentile=90`, `replay.epochs=10`.
 *  @throws E104 for an override that names nothing of the scenario or gives a value that is not accepted */
export function applyOverrides(scenario: Scenario, overrides: readonly string[]): Scenario {
  return overrides.reduce(applyOverride, scenario)
}

/** What `--attribute` stands for. */
const ATTRIBUTE = 'run.attribution=true'

function applyOverride(scenario: Scenario, override: string): Scenario {
  const refuse = (problem: string, fix: string) => overrideInvalid({ override, problem, fix })
  const [, target, param, text] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(override) ?? []
  const policies = policiesOf(scenario.patches)
  const hooks = hooksOf(scenario.patches)
  const targets = ['replay', ...policies.map(({ policy }) => policy), ...hooks.map(hookTarget)]
  const forms = `Use ${targets.map((name) => `${name}.${name === 'replay' ? 'epochs' : 'PARAMETER'}=VALUE`).join(' or ')}.`
  if (target === undefined || param === undefined || text === undefined) {
    throw refuse('it is not of the form name.parameter=value', forms)
  }
  const value = valueOf(text)

  if (target === 'replay') {
    const parsed = replaySchema.safeParse({ ...scenario.replay, [param]: value }, { reportInput: true })
    if (parsed.success) {
      const recorded = recordedEpochs(scenario.fork) ?? Infinity
      if (parsed.data.epochs <= recorded) return { ...scenario, replay: parsed.data }
      throw refuse(
        `${parsed.data.epochs} is not accepted`,
        `Replay 1 to ${recorded} epochs: the recording has no more.`,
      )
    }
    const [first] = parsed.error.issues.flatMap((issue) =>
      problemsOf(issue, schemaAt(scenarioJsonSchema(), ['replay']) ?? {}),
    )
    throw refuse(first?.problem ?? 'it is not accepted', first?.fix ?? forms)
  }

  if (override === ATTRIBUTE) return { ...scenario, attribution: true }
  if (target === 'code') return withCode(scenario, param, text, refuse)
  const entry = withEntry(scenario, override)
  if (entry !== undefined) return entry
  const [hook, ...otherHooks] = hooks.filter((each) => hookTarget(each) === target)
  if (hook !== undefined) {
    const known = Object.keys(hook.params)
    const given = hook.params[param]
    if (given === undefined) throw refuse(`the scenario gives the hook no "${param}"`, `Use: ${known.join(', ')}.`)
    if (otherHooks.length > 0) throw refuse(`several hooks are named "${target}"`, 'Change the scenario file instead.')
    const changed = typeof given === 'string' ? text : text === 'true' ? true : text === 'false' ? false : value
    if (typeof changed !== typeof given) throw refuse(`${text} is not accepted`, `Give a ${typeof given}.`)
    const patch = { ...hook, params: { ...hook.params, [param]: changed } }
    return { ...scenario, patches: scenario.patches.map((each) => (each === hook ? patch : each)) }
  }

  const [patch, ...others] = policies.filter(({ policy }) => policy === target)
  if (patch === undefined) {
    const meant = didYouMean(target, targets)
    const used = policies.map(({ policy }) => policy)
    const problem = `the scenario has no policy "${target}"${used.length === 0 ? ', nor any other' : `: it has ${used.join(', ')}`}`
    throw refuse(problem, meant === undefined ? forms : `Did you mean "${meant}"?`)
  }
  if (others.length > 0) {
    throw refuse(
      `policy "${target}" stands ${others.length + 1} times in the scenario`,
      'Change the scenario file instead.',
    )
  }
  try {
    const changed = checkPolicyParams(target, { ...patch.params, [param]: value })
    return { ...scenario, patches: scenario.patches.map((each) => (each === patch ? changed : each)) }
  } catch (cause) {
    if (!(cause instanceof EpochdiffError)) throw cause
    throw overrideInvalid({ override, problem: cause.short.replace(/\.$/, ''), fix: cause.fix }, { cause })
  }
}

type Refuse = (problem: string, fix: string) => Error

/** `code.wasm=PATH` sets the blob of the code patch, which comes first if the scenario has none; `code.allow=WHAT` allows more. */
function withCode(scenario: Scenario, param: string, text: string, refuse: Refuse): Scenario {
  const code = scenario.patches.find((patch) => patch.kind === 'code')
  const replace = (patch: CodePatch): Scenario => {
    const { patches } = scenario
    return {
      ...scenario,
      patches: code === undefined ? [patch, ...patches] : patches.map((each) => (each === code ? patch : each)),
    }
  }
  if (param === 'wasm') {
    if (text === '') throw refuse('no file is named', 'Name a runtime blob (.wasm), relative to the current folder.')
    return replace({ kind: 'code', allow: [], ...code, wasm: text })
  }
  const allowance = codeAllowances.find((known) => known === text)
  if (param !== 'allow') throw refuse(`a code patch has no "${param}"`, 'Use code.wasm=PATH or code.allow=WHAT.')
  if (allowance === undefined) throw refuse(`"${text}" cannot be allowed`, `Use ${codeAllowances.join(', ')}.`)
  if (code === undefined)
    throw refuse('there is no other runtime to allow it to', 'State the runtime first: --runtime.')
  return replace({ ...code, allow: [...new Set([...code.allow, allowance])].sort() })
}

/** `SubtensorModule.Kappa(31)=20000` and `Balances.force_set_balance.new_free=5`, where the scenario sets that entry or argument;
 *  `undefined` where it has none such. */
function withEntry(scenario: Scenario, override: string): Scenario | undefined {
  const [, name = '', text = ''] = /^([^=]+)=(.*)$/s.exec(override) ?? []
  const value = jsonOf(text)
  const patches = scenario.patches.map((patch): Patch => {
    if (patch.kind === 'storage' && patch.set.some(({ path }) => path === name)) {
      return { ...patch, set: patch.set.map((write) => (write.path === name ? { ...write, value } : write)) }
    }
    const arg = patch.kind === 'call' && name.startsWith(`${patch.call}.`) ? name.slice(patch.call.length + 1) : ''
    if (patch.kind === 'call' && Object.hasOwn(patch.args, arg)) {
      return { ...patch, args: { ...patch.args, [arg]: value } }
    }
    return patch
  })
  return patches.some((patch, index) => patch !== scenario.patches[index]) ? { ...scenario, patches } : undefined
}

/** JSON if it reads as such and loses no digits, else the text. */
function jsonOf(text: string): unknown {
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A hook is named by its file, without folders and extension. */
const hookTarget = ({ file }: HookPatch): string => basename(file, extname(file))

/** A number if it reads as one, else the text: what the parameter takes decides. */
function valueOf(text: string): number | string {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text
}
