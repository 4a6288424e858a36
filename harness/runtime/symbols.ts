import { EpochdiffError } from '../errors/epochdiffError.js'
import {
  hookAmbiguous,
  hookCallers,
  hookNotFound,
  hookReferenced,
  hookSignature,
  namesMissing,
} from '../errors/runtime.js'
import { blobVersion } from './blobVersion.js'
import { identifyFunctions } from './fingerprint.js'
import { hookPlaces, type HookFunction, type HookPlace, type PayoutPlace } from './hooks.js'
import { callOpcode, describeFunctionType, visitBody } from './instructions.js'
import type { HookName } from './policy.js'
import { rustPath } from './rustSymbol.js'
import { WasmReader } from './wasmBytes.js'
import type { FunctionType, WasmModule } from './wasmModule.js'

/** Functions with direct calls of another one. */
export interface Caller {
  /** Last part of its path, or its symbol if that is no Rust name. */
  readonly name: string
  readonly sites: number
}

interface CallerAt extends Caller {
  readonly functionIndex: number
}

export interface FoundFunction {
  /** Index of the function in the runtime, imports counted first. */
  readonly functionIndex: number
  readonly symbol: string
  readonly type: FunctionType
}

export interface FoundHook extends FoundFunction {
  readonly place: HookPlace
  readonly callers: readonly Caller[]
  /** The function with the epoch's own call. */
  readonly epochCallerIndex: number
  /** By its name, or by its instructions in a runtime without names. */
  readonly identifiedBy: 'name' | 'fingerprint'
  /** The function that pays what this hook's returns. */
  readonly payout: (FoundFunction & { readonly place: PayoutPlace }) | undefined
  /** Where the netuid is seen, if not here. */
  readonly netuidFrom: FoundFunction | undefined
}

const palletCrate = 'pallet_subtensor'

/** Finds each hook's first place that the runtime has, and checks all that a policy relies on.
 *  @throws E301 none, E303 several, E304 another signature, E305 callers not as expected, E306 in the function table,
 *          E308 the runtime has no names and is not known */
export function findHooks(module: WasmModule, hooks: readonly HookName[], what: string): FoundHook[] {
  const finder = openFinder(module, what)
  return hooks.map((hook) => findHook(finder, hook))
}

/** Every hook as a weave would find it, or the error that it would end with.
 *  @throws E302, E308 where no hook can be looked for */
export function tryHooks(
  module: WasmModule,
  what: string,
): { readonly hook: HookName; readonly found: FoundHook | EpochdiffError }[] {
  const finder = openFinder(module, what)
  return (Object.keys(hookPlaces) as HookName[]).map((hook) => {
    try {
      return { hook, found: findHook(finder, hook) }
    } catch (error) {
      if (!(error instanceof EpochdiffError)) throw error
      return { hook, found: error }
    }
  })
}

interface Finder {
  readonly module: WasmModule
  readonly specVersion: number | undefined
  readonly identifiedBy: FoundHook['identifiedBy']
  /** Functions that a hook is found by, with the last part of their path. */
  readonly named: ReadonlyMap<number, string>
  readonly callersOf: (functionIndex: number) => readonly CallerAt[]
}

function openFinder(module: WasmModule, what: string): Finder {
  const places = Object.values(hookPlaces).flat()
  const functions = places.flatMap((place) => [
    place.functionName,
    ...(place.payouts ?? []).map(({ functionName }) => functionName),
    ...(place.netuidFrom === undefined ? [] : [place.netuidFrom.functionName]),
  ])
  const callers = places.flatMap(({ epochCallers, otherCallers }) => [...epochCallers, ...otherCallers])
  const sections = module.sections.filter(({ name }) => name === 'name')
  const hasNames = sections.length > 0 && module.functionNames.size > 0
  if (sections.length > 1) throw namesMissing({ what, found: 'several sections with the names of its functions' })
  const named = hasNames
    ? namedFunctions(module, new Set(functions))
    : identifyFunctions(module, new Set([...functions, ...callers]))
  if (!hasNames && named.size === 0) {
    throw namesMissing({ what, found: 'no names of its functions, and none of them is known by its instructions' })
  }
  const nameOf = (index: number) => named.get(index) ?? shortName(module, index)
  const calls = findCallers(module, new Set(named.keys()))
  return {
    module,
    specVersion: blobVersion(module)?.specVersion,
    identifiedBy: hasNames ? 'name' : 'fingerprint',
    named,
    callersOf: (index) => (calls.get(index) ?? []).map((caller) => ({ ...caller, name: nameOf(caller.functionIndex) })),
  }
}

/** Functions of the pallet with one of the names. */
function namedFunctions(module: WasmModule, wanted: ReadonlySet<string>): Map<number, string> {
  const named = new Map<number, string>()
  for (const [index, symbol] of module.functionNames) {
    // Symbols are long and many: read only those that can match.
    if (![...wanted].some((name) => symbol.includes(name))) continue
    const path = rustPath(symbol)
    const name = path?.at(-1)
    if (path?.[0] === palletCrate && name !== undefined && wanted.has(name)) named.set(index, name)
  }
  return named
}

function findHook(finder: Finder, hook: HookName): FoundHook {
  const places = hookPlaces[hook]
  let notCalled: { found: FoundFunction; place: HookPlace } | undefined
  for (const place of places) {
    const found = findFunction(finder, hook, place)
    if (found === undefined) continue
    const callers = finder.callersOf(found.functionIndex)
    const epochCaller = callers.find(({ name }) => place.epochCallers.includes(name))
    if (epochCaller === undefined && callers.every(({ name }) => place.otherCallers.includes(name))) {
      // The compiler put it into the epoch, or nothing calls it: another place may carry the hook.
      notCalled ??= { found, place }
      continue
    }
    checkCallers(finder, hook, place, found, callers)
    return {
      ...found,
      place,
      callers: callers.map(({ name, sites }) => ({ name, sites })),
      epochCallerIndex: epochCaller?.functionIndex ?? found.functionIndex,
      identifiedBy: finder.identifiedBy,
      payout: findPayout(finder, hook, place, epochCaller?.name),
      netuidFrom: place.netuidFrom === undefined ? undefined : findFunction(finder, hook, place.netuidFrom),
    }
  }
  if (notCalled !== undefined) {
    const { found, place } = notCalled
    throw callersNotAsExpected(finder, hook, place, found, finder.callersOf(found.functionIndex))
  }
  throw hookNotFound({ hook, functions: places.map(({ functionName }) => functionName) })
}

function findFunction(finder: Finder, hook: HookName, wanted: HookFunction): FoundFunction | undefined {
  const { module, named } = finder
  const matches = [...named].filter(([, name]) => name === wanted.functionName).map(([index]) => index)
  const symbolOf = (index: number) => module.functionNames.get(index) ?? `${wanted.functionName} (function ${index})`
  const [functionIndex, another] = matches
  if (functionIndex === undefined) return undefined
  if (another !== undefined) throw hookAmbiguous({ hook, symbols: matches.map(symbolOf) })
  const symbol = symbolOf(functionIndex)
  const type = functionType(module, functionIndex)
  const isDefined = functionIndex >= module.functionImports.length
  const found = type === undefined || !isDefined ? 'not a function of this module' : describeFunctionType(type)
  const expected = describeFunctionType(wanted.type)
  if (found !== expected) throw hookSignature({ hook, symbol, found, expected })
  if (module.referencedFunctions.has(functionIndex)) throw hookReferenced({ hook, symbol })
  return { functionIndex, symbol, type: wanted.type }
}

/** The payout function, if it is the one that calls the hook's and nothing but one call runs it. */
function findPayout(
  finder: Finder,
  hook: HookName,
  { payouts = [] }: HookPlace,
  callerName: string | undefined,
): FoundHook['payout'] {
  const place = payouts.find(({ functionName }) => functionName === callerName)
  const found = place === undefined ? undefined : findFunction(finder, hook, place)
  if (place === undefined || found === undefined) return undefined
  const sites = finder.callersOf(found.functionIndex).reduce((sum, caller) => sum + caller.sites, 0)
  return sites === 1 ? { ...found, place } : undefined
}

function checkCallers(
  finder: Finder,
  hook: HookName,
  place: HookPlace,
  found: FoundFunction,
  callers: readonly CallerAt[],
): void {
  const { specVersion } = finder
  const known = place.knownCallers.find(({ specVersions }) => specVersions.includes(specVersion ?? -1))?.callers
  const isEpoch = ({ name }: Caller) => place.epochCallers.includes(name)
  const asExpected =
    known === undefined
      ? callers.filter(isEpoch).reduce((sum, { sites }) => sum + sites, 0) === 1 &&
        callers.every((caller) => isEpoch(caller) || place.otherCallers.includes(caller.name))
      : callers.length === Object.keys(known).length && callers.every(({ name, sites }) => known[name] === sites)
  if (!asExpected) throw callersNotAsExpected(finder, hook, place, found, callers, known)
}

function callersNotAsExpected(
  { specVersion }: Finder,
  hook: HookName,
  place: HookPlace,
  { symbol }: FoundFunction,
  callers: readonly Caller[],
  known?: Readonly<Record<string, number>>,
) {
  const list = (sites: readonly (readonly [string, number])[]) =>
    sites.length === 0 ? 'none' : sites.map(([name, count]) => `${count} in ${name}`).join(', ')
  const others = place.otherCallers.length === 0 ? ' alone' : `, others only in ${place.otherCallers.join(', ')}`
  return hookCallers({
    hook,
    symbol,
    found: list(callers.map(({ name, sites }) => [name, sites])),
    expected:
      known === undefined
        ? `exactly 1 in ${place.epochCallers.join(' or ')}${others}`
        : `${list(Object.entries(known))} in spec ${specVersion}`,
  })
}

export function functionType(module: WasmModule, functionIndex: number): FunctionType | undefined {
  const type = module.functions[functionIndex]
  return type === undefined ? undefined : module.types[type]
}

/** Direct calls of `targets` in the whole module. Reads every instruction.
 *  @throws E302 for an instruction that is not known */
function findCallers(
  module: WasmModule,
  targets: ReadonlySet<number>,
): Map<number, { functionIndex: number; sites: number }[]> {
  const callers = new Map<number, { functionIndex: number; sites: number }[]>()
  module.bodies.forEach(({ content }, position) => {
    const sites = new Map<number, number>()
    visitBody(new WasmReader(content, `Function ${position}`), (space, index, _start, _end, opcode) => {
      if (opcode === callOpcode && space === 'function' && targets.has(index)) {
        sites.set(index, (sites.get(index) ?? 0) + 1)
      }
    })
    for (const [target, count] of sites) {
      const caller = { functionIndex: module.functionImports.length + position, sites: count }
      callers.set(target, [...(callers.get(target) ?? []), caller])
    }
  })
  return callers
}

function shortName(module: WasmModule, functionIndex: number): string {
  const symbol = module.functionNames.get(functionIndex)
  if (symbol === undefined) return `function ${functionIndex}`
  return rustPath(symbol)?.at(-1) ?? symbol
}
