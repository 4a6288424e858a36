import type { EpochdiffError } from '../errors/epochdiffError.js'
import { blobVersion } from './blobVersion.js'
import { describeFunctionType } from './instructions.js'
import { policyDefinitions } from './policies.js'
import type { HookName } from './policy.js'
import { sha256 } from './prebuilt.js'
import { expandRuntime, isCompressed } from './runtimeBlob.js'
import { tryHooks, type Caller, type FoundHook } from './symbols.js'
import { wovenSectionName } from './weave.js'
import { parseWasm, type WasmModule } from './wasmModule.js'

/** A runtime as `epochdiff runtime inspect` shows it; plain data, stable keys. */
export interface RuntimeInspection {
  /** What the blob says of itself; null where it says nothing. */
  readonly specName: string | null
  readonly implName: string | null
  readonly specVersion: number | null
  readonly compressed: boolean
  /** Of `:code`, as it was given. */
  readonly blobBytes: number
  readonly blobSha256: string
  /** Uncompressed. */
  readonly wasmBytes: number
  readonly wasmSha256: string
  readonly hasFunctionNames: boolean
  readonly hostFunctions: readonly { readonly name: string; readonly inEngine: boolean }[]
  /** What epochdiff wove into it, as its own section says; null for a runtime as it was built. */
  readonly woven: unknown
  readonly hooks: readonly HookInspection[]
  readonly policies: readonly { readonly policy: string; readonly hook: HookName; readonly possible: boolean }[]
}

type Refusal = Pick<EpochdiffError, 'code' | 'short' | 'fix'>

interface HookInspection {
  readonly hook: HookName
  readonly place: HookPlaceInspection | null
  /** Why a weave would be refused; null if it would not. */
  readonly refused: Refusal | null
}

interface HookPlaceInspection {
  readonly functionName: string
  readonly functionIndex: number
  readonly symbol: string
  readonly signature: string
  readonly identifiedBy: 'name' | 'fingerprint'
  readonly layout: string
  /** Whether policies act before the function or on its result. */
  readonly acts: 'before' | 'after'
  readonly callers: readonly Caller[]
  /** The function in which rao can move between the pools. */
  readonly payout: string | null
}

/** @param code `:code`, compressed or not
 *  @param engineFunctions names of the host functions that the engine has
 *  @throws E302 no wasm that can be read, E316 */
export function inspectRuntime(code: Uint8Array, engineFunctions: ReadonlySet<string>): RuntimeInspection {
  const wasm = expandRuntime(code)
  const module = parseWasm(wasm, 'The runtime')
  const version = blobVersion(module)
  const hooks = inspectHooks(module)
  const woven = wovenDescription(module)
  return {
    specName: version?.specName ?? null,
    implName: version?.implName ?? null,
    specVersion: version?.specVersion ?? null,
    compressed: isCompressed(code),
    blobBytes: code.length,
    blobSha256: sha256(code),
    wasmBytes: wasm.length,
    wasmSha256: sha256(wasm),
    hasFunctionNames: module.functionNames.size > 0,
    hostFunctions: module.functionImports
      .map(({ module: from, name }) => ({ name, inEngine: from === 'env' && engineFunctions.has(name) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    woven,
    hooks,
    policies: policyDefinitions.map(({ name, hook, moves }) => {
      const place = hooks.find((candidate) => candidate.hook === hook)?.place ?? null
      // A woven runtime takes no more (E307).
      const possible = woven === null && place !== null && (moves === undefined || place.payout !== null)
      return { policy: name, hook, possible }
    }),
  }
}

function inspectHooks(module: WasmModule): HookInspection[] {
  return tryHooks(module, 'The runtime').map(({ hook, found }) =>
    'place' in found
      ? { hook, place: describePlace(found), refused: null }
      : { hook, place: null, refused: { code: found.code, short: found.short, fix: found.fix } },
  )
}

function describePlace(hook: FoundHook): HookPlaceInspection {
  const { place, functionIndex, symbol, type, identifiedBy, callers, payout } = hook
  return {
    functionName: place.functionName,
    functionIndex,
    symbol,
    signature: describeFunctionType(type),
    identifiedBy,
    layout: place.layout.name,
    acts: place.acts,
    callers: [...callers],
    payout: payout?.place.functionName ?? null,
  }
}

/** The section comes from the blob: whatever it holds is only shown. */
function wovenDescription(module: WasmModule): unknown {
  const section = module.sections.find(({ name }) => name === wovenSectionName)
  if (section === undefined) return null
  const text = new TextDecoder().decode(section.content.subarray(1 + wovenSectionName.length))
  try {
    return JSON.parse(text)
  } catch {
    return text.slice(0, 1000)
  }
}
