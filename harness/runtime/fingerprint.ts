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
const subtensorFunctions: readonly (KnownFunction & { readonly specVersions: readonly number[] })[] = [
  {
    name: 'run_coinbase',
    specVersions: [218],
    bodyBytes: 72500,
    fingerprint: '170934892c7761eb89ecc626b416f54bd31e763261327822d6faa3a53d1c7343',
  },
  {
    name: 'get_stake_weights_for_network',
    specVersions: [218],
    bodyBytes: 1212,
    fingerprint: '684d159b4f3523bef1dbd355ef5aa85a91abe94801ce105b32a8e7a8518502c0',
  },
  {
    name: 'SubnetInfoRuntimeApi_get_subnet_state',
    specVersions: [218],
    bodyBytes: 11542,
    fingerprint: '2975caf33738bd7a334cdb34f5896467246258fd45e4ae91ac1c71935cf413ee',
  },
  {
    name: 'epoch',
    specVersions: [293, 300],
    bodyBytes: 35819,
    fingerprint: 'e789e7af5cf064abbe64ecf2c88c2fa284f020ee7f263b09e2215ca8f91e95dc',
  },
  {
    name: 'get_stake_weights_for_network',
    specVersions: [293, 300],
    bodyBytes: 1677,
    fingerprint: 'b2948ec29319b255585391568ebc850faa1acba2cd44887a505c9a38a6c9a8ff',
  },
  {
    name: 'drain_pending_emission',
    specVersions: [293],
    bodyBytes: 28664,
    fingerprint: 'aca988c5fcac8ed1e368c5776cd9ee2f9cd2230b92089702f2cb40e865e0ed3b',
  },
  {
    name: 'get_subnet_state',
    specVersions: [293, 300],
    bodyBytes: 3595,
    fingerprint: 'b4c8ba7605a7bacb64b13327f01b5849bec9ab29e9f800143eb06591231a6f5e',
  },
  {
    name: 'get_metagraph',
    specVersions: [293, 300],
    bodyBytes: 5721,
    fingerprint: '09588baae6c9fa93b21db5975fb01ef2ce4a59c416dbec28b54813a689c4beeb',
  },
  {
    name: 'get_single_selective_metagraph',
    specVersions: [293, 300],
    bodyBytes: 59783,
    fingerprint: '1bd7371214423cb22ca3ed8d1ef9a10a8dccbeaff0e26f71c9f3420ebd613243',
  },
  {
    name: 'SubnetInfoRuntimeApi_get_subnet_state',
    specVersions: [293, 300],
    bodyBytes: 914,
    fingerprint: '34a46271db29a90b11048f79898e85e68d725af54007fc2095aaeaf014200f6f',
  },
  {
    name: 'drain_pending_emission',
    specVersions: [300],
    bodyBytes: 28617,
    fingerprint: 'e948607049de286070a19f2a08ef6048d7cd791720615502c8c8ac7984e38e7a',
  },
]

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
