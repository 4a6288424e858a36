import { createHash } from 'node:crypto'
import { describeFunctionType, visitBody } from './instructions.js'
import { loadPrebuilt } from './prebuilt.js'
import { rustPath } from './rustSymbol.js'
import { WasmReader } from './wasmBytes.js'
import { parseWasm, type WasmModule } from './wasmModule.js'

/** A function by its instructions alone: sha256, hex, of its type and of its opcodes in order. What the instructions name
 *  (functions, globals, addresses, constants) is left out, so that stripping a runtime changes nothing.
 *  @throws E302 */
function fingerprint(module: WasmModule, functionIndex: number): string | undefined {
  const body = module.bodies[functionIndex - module.functionImports.length]
  const type = module.types[module.functions[functionIndex] ?? -1]
  if (body === undefined || type === undefined) return undefined
  const opcodes: number[] = []
  visitBody(
    new WasmReader(body.content, `Function ${functionIndex}`),
    () => undefined,
    (opcode) => opcodes.push(opcode),
  )
  return createHash('sha256').update(describeFunctionType(type)).update(Uint16Array.from(opcodes)).digest('hex')
}

/** Functions of known runtimes that hooks are found by, with the bytes of their bodies, which are compared first. */
interface KnownFunction {
  readonly name: string
  readonly bodyBytes: number
  readonly fingerprint: string
}

/** Of subtensor's runtimes, by spec version. */
const subtensorFunctions: readonly (KnownFunction & { readonly specVersions: readonly number[] })[] = []

/** Names of the functions that hooks are found by, for a runtime without names.
 *  @param wanted last parts of their paths */
export function identifyFunctions(module: WasmModule, wanted: ReadonlySet<string>): Map<number, string> {
  const known = [...subtensorFunctions, ...ownFunctions(wanted)].filter(({ name }) => wanted.has(name))
  const identified = new Map<number, string>()
  module.bodies.forEach(({ content }, position) => {
    const candidates = known.filter(({ bodyBytes }) => bodyBytes === content.length)
    if (candidates.length === 0) return
    const index = module.functionImports.length + position
    const found = fingerprint(module, index)
    const match = candidates.find((candidate) => candidate.fingerprint === found)
    if (match !== undefined) identified.set(index, match.name)
  })
  return identified
}

/** Of our own runtimes, which are at hand and change with their sources. */
function ownFunctions(wanted: ReadonlySet<string>): KnownFunction[] {
  return (['epochdiff_runtime', 'epochdiff_runtime_terms'] as const).flatMap((name) =>
    knownFunctions(parseWasm(loadPrebuilt(name).wasm, name), wanted),
  )
}

/** The functions of those names in a runtime that has names. */
function knownFunctions(module: WasmModule, wanted: ReadonlySet<string>): KnownFunction[] {
  return [...module.functionNames].flatMap(([index, symbol]) => {
    const name = [...wanted].find((candidate) => symbol.includes(candidate) && rustPath(symbol)?.at(-1) === candidate)
    const bodyBytes = module.bodies[index - module.functionImports.length]?.content.length
    const found = name === undefined ? undefined : fingerprint(module, index)
    return name === undefined || bodyBytes === undefined || found === undefined
      ? []
      : [{ name, bodyBytes, fingerprint: found }]
  })
}
