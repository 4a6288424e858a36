import {
  hookAmbiguous,
  hookCallers,
  hookNotFound,
  hookReferenced,
  hookSignature,
  namesMissing,
} from '../errors/runtime.js'
import type { HookPlace } from './hooks.js'
import { callOpcode, describeFunctionType, visitBody } from './instructions.js'
import { rustPath } from './rustSymbol.js'
import { WasmReader } from './wasmBytes.js'
import type { FunctionType, WasmModule } from './wasmModule.js'

/** Functions with direct calls of another one. */
export interface Caller {
  /** Last part of its path, or its symbol if that is no Rust name. */
  readonly name: string
  readonly sites: number
}

export interface FoundHook {
  readonly place: HookPlace
  /** Index of the function in the runtime, imports counted first. */
  readonly functionIndex: number
  readonly symbol: string
  readonly callers: readonly Caller[]
}

const palletCrate = 'pallet_subtensor'

/** Finds the places of hooks and checks all that a policy relies on; the order is that of `places`.
 *  @throws E301 none, E303 several, E304 another signature, E305 callers not as expected, E306 in the function table,
 *          E308 the runtime has no names */
export function findHooks(module: WasmModule, places: readonly HookPlace[], what: string): FoundHook[] {
  if (module.sections.filter(({ name }) => name === 'name').length !== 1 || module.functionNames.size === 0) {
    throw namesMissing({ what, found: 'no single section with the names of its functions' })
  }
  const found = places.map((place) => ({ place, ...findFunction(module, place) }))
  const callers = findCallers(module, new Set(found.map(({ functionIndex }) => functionIndex)))
  return found.map((hook) => checkCallers({ ...hook, callers: callers.get(hook.functionIndex) ?? [] }))
}

function findFunction(
  module: WasmModule,
  { hook, functionName, type: expected }: HookPlace,
): { functionIndex: number; symbol: string } {
  const matches = [...module.functionNames].filter(([, symbol]) => {
    // Symbols are long and many: read only those that can match.
    if (!symbol.includes(functionName)) return false
    const path = rustPath(symbol)
    return path?.[0] === palletCrate && path.at(-1) === functionName
  })
  const [match, another] = matches
  if (match === undefined) throw hookNotFound({ hook, functions: [functionName] })
  if (another !== undefined) throw hookAmbiguous({ hook, symbols: matches.map(([, symbol]) => symbol) })
  const [functionIndex, symbol] = match
  const type = functionType(module, functionIndex)
  const isDefined = functionIndex >= module.functionImports.length
  const found = type === undefined || !isDefined ? 'not a function of this module' : describeFunctionType(type)
  if (found !== describeFunctionType(expected)) {
    throw hookSignature({ hook, symbol, found, expected: describeFunctionType(expected) })
  }
  if (module.referencedFunctions.has(functionIndex)) throw hookReferenced({ hook, symbol })
  return { functionIndex, symbol }
}

function checkCallers(hook: FoundHook): FoundHook {
  const { min, max } = hook.place.calls
  const sites = hook.callers.reduce((sum, caller) => sum + caller.sites, 0)
  if (sites < min || sites > max) {
    throw hookCallers({
      hook: hook.place.hook,
      symbol: hook.symbol,
      found: sites === 0 ? 'none' : hook.callers.map(({ name, sites }) => `${sites} in ${name}`).join(', '),
      expected: max === min ? `exactly ${min} direct call` : `at least ${min} direct call`,
    })
  }
  return hook
}

export function functionType(module: WasmModule, functionIndex: number): FunctionType | undefined {
  const type = module.functions[functionIndex]
  return type === undefined ? undefined : module.types[type]
}

/** Direct calls of `targets` in the whole module. Reads every instruction.
 *  @throws E302 for an instruction that is not known */
function findCallers(module: WasmModule, targets: ReadonlySet<number>): Map<number, Caller[]> {
  const callers = new Map<number, Caller[]>()
  module.bodies.forEach(({ content }, position) => {
    const sites = new Map<number, number>()
    visitBody(new WasmReader(content, `Function ${position}`), (space, index, _start, _end, opcode) => {
      if (opcode === callOpcode && space === 'function' && targets.has(index)) {
        sites.set(index, (sites.get(index) ?? 0) + 1)
      }
    })
    for (const [target, count] of sites) {
      const caller = { name: shortName(module, module.functionImports.length + position), sites: count }
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
