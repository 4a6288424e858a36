import { alreadyWoven, wasmUnreadable, wovenInvalid } from '../errors/runtime.js'
import { hookPlaces } from './hooks.js'
import { describeFunctionType } from './instructions.js'
import { checkMemory, checkPatchModule, neededFunctions, relocateFunctions } from './patchFunctions.js'
import { policyDefinition, wasmArguments } from './policies.js'
import type { HookName, PolicyPatch } from './policy.js'
import { loadPrebuilt, sha256 } from './prebuilt.js'
import { findHooks, type Caller, type FoundHook } from './symbols.js'
import { concatBytes, encodeS32, encodeU32, encodeVector, withLength } from './wasmBytes.js'
import {
  customSection,
  isValidWasm,
  parseWasm,
  sectionIds,
  withFunctionNames,
  writeWasm,
  type FunctionType,
  type WasmModule,
  type WasmSection,
} from './wasmModule.js'

/** What was woven where: enough to say in a report, and to check, which policies a blob carries. */
export interface WeaveManifest {
  readonly inputSha256: string
  readonly patchModuleSha256: string
  readonly outputSha256: string
  /** Growth of the whole blob. */
  readonly bytesAdded: number
  readonly patches: readonly WovenPatch[]
}

interface WovenPatch {
  readonly policy: string
  readonly hook: HookName
  readonly params: PolicyPatch['params']
  /** Where the hook is: the wrapper has this index, which was the original function's. */
  readonly functionIndex: number
  readonly symbol: string
  readonly signature: string
  /** Where the original function is now. */
  readonly originalIndex: number
  readonly policyIndex: number
  readonly callers: readonly Caller[]
  /** Size of the functions this patch brought; 0 if an earlier patch brought them already. */
  readonly bytesAdded: number
}

export interface WeaveResult {
  readonly wasm: Uint8Array
  readonly manifest: WeaveManifest
}

/** Name of the custom section that describes what was woven; also what marks a runtime as woven. */
const sectionName = 'epochdiff'

/** Puts policies into a runtime. At a hook's function the runtime calls the original, moved to the end of the code, and
 *  then the policies in the order stated; no index shifts. Fails closed: whatever is not exactly as a policy relies on is
 *  an error, and nothing is woven.
 *
 *  @param wasm uncompressed runtime
 *  @param options.patchModule instead of the prebuilt one
 *  @throws E301 to E313 with what was found; E121 to E123 for a patch whose parameters are not allowed */
export function weave(
  wasm: Uint8Array,
  patches: readonly PolicyPatch[],
  options: { readonly patchModule?: Uint8Array } = {},
): WeaveResult {
  const runtime = readRuntime(wasm)
  const patchWasm = options.patchModule ?? loadPrebuilt('patch_module').wasm
  const patchModule = parseWasm(patchWasm, 'The patch module')
  checkPatchModule(patchModule)

  const steps = patches.map((patch) => {
    const definition = policyDefinition(patch.policy)
    const args = wasmArguments(patch)
    const hookType = hookPlaces[definition.hook].type
    const type: FunctionType = { params: [...hookType.params, ...args.map(() => i32)], results: [] }
    return { patch, definition, args, type }
  })
  const hookNames = [...new Set(steps.map(({ definition }) => definition.hook))]
  const places = hookNames.map((hook) => hookPlaces[hook])
  const hooks = findHooks(runtime, places, runtimeName)

  const types = [...runtime.types]
  const typeIndex = (type: FunctionType) => {
    const known = types.findIndex((candidate) => describeFunctionType(candidate) === describeFunctionType(type))
    return known >= 0 ? known : types.push(type) - 1
  }
  const firstMoved = runtime.functions.length
  const firstPatch = firstMoved + hooks.length
  const exports = steps.map(({ definition, type }) => ({ name: definition.export, type }))
  const sources = neededFunctions(patchModule, exports)
  const functions = relocateFunctions(patchModule, sources, runtime, firstPatch, typeIndex)
  const policyIndex = (name: string) => functions.find((added) => added.name === name)?.index ?? firstPatch

  const wrappers = new Map(
    hooks.map((hook, position) => {
      const calls = steps
        .filter(({ definition }) => definition.hook === hook.place.hook)
        .map(({ definition, args }) => ({ index: policyIndex(definition.export), args }))
      return [hook.functionIndex, wrapperBody(hook, firstMoved + position, calls)] as const
    }),
  )
  const bodyOf = (index: number) => runtime.bodies[index - runtime.functionImports.length]?.entry ?? new Uint8Array()
  const entries = [
    ...runtime.bodies.map(({ entry }, position) => {
      const wrapper = wrappers.get(runtime.functionImports.length + position)
      return wrapper === undefined ? entry : withLength(wrapper)
    }),
    ...hooks.map((hook) => bodyOf(hook.functionIndex)),
    ...functions.map(({ body }) => withLength(body)),
  ]
  const functionTypes = [
    ...runtime.functions.slice(runtime.functionImports.length),
    ...hooks.map((hook) => runtime.functions[hook.functionIndex] ?? 0),
    ...functions.map(({ type }) => typeIndex(type)),
  ]
  const names = [
    ...hooks.map((hook, position) => [firstMoved + position, `${hook.symbol}.unwoven`] as const),
    ...functions.map((added) => {
      const policy = steps.find(({ definition }) => definition.export === added.name)?.definition.name
      return [added.index, `epochdiff::${policy ?? added.name}`] as const
    }),
  ]
  const patchModuleSha256 = sha256(patchWasm)
  const description = {
    format: 1,
    patchModuleSha256,
    patches: patches.map(({ policy, params }) => ({ policy, params })),
  }
  const woven = writeWasm([
    ...runtime.sections.map((section): WasmSection => {
      switch (section.id) {
        case sectionIds.type:
          return { ...section, content: encodeVector(types.map(encodeFunctionType)) }
        case sectionIds.function:
          return { ...section, content: encodeVector(functionTypes.map(encodeU32)) }
        case sectionIds.code:
          return { ...section, content: encodeVector(entries) }
        default:
          return section.name === 'name' ? withFunctionNames(section, names) : section
      }
    }),
    customSection(sectionName, new TextEncoder().encode(JSON.stringify(description))),
  ])
  checkWoven(woven, runtime.functions.length + hooks.length + functions.length)

  const brought = new Set<number>()
  const wovenPatches = steps.map(({ patch, definition, type }): WovenPatch => {
    const hook = hooks[hookNames.indexOf(definition.hook)]
    if (hook === undefined) throw wovenInvalid({ reason: `hook ${definition.hook} was lost` })
    const own = neededFunctions(patchModule, [{ name: definition.export, type }]).filter((index) => !brought.has(index))
    for (const index of own) brought.add(index)
    return {
      policy: patch.policy,
      hook: definition.hook,
      params: patch.params,
      functionIndex: hook.functionIndex,
      symbol: hook.symbol,
      signature: describeFunctionType(hook.place.type),
      originalIndex: firstMoved + hooks.indexOf(hook),
      policyIndex: policyIndex(definition.export),
      callers: hook.callers,
      bytesAdded: functions
        .filter(({ source }) => own.includes(source))
        .reduce((sum, { body }) => sum + withLength(body).length, 0),
    }
  })
  return {
    wasm: woven,
    manifest: {
      inputSha256: sha256(wasm),
      patchModuleSha256,
      outputSha256: sha256(woven),
      bytesAdded: woven.length - wasm.length,
      patches: wovenPatches,
    },
  }
}

const i32 = 0x7f
const runtimeName = 'The runtime'

/** @throws E302 not valid, E307 woven already, E310 unsuitable memory */
function readRuntime(wasm: Uint8Array): WasmModule {
  const runtime = parseWasm(wasm, runtimeName)
  if (!isValidWasm(wasm)) {
    throw wasmUnreadable({ what: runtimeName, reason: 'is not valid WebAssembly', offset: 0 })
  }
  if (runtime.sections.some(({ name }) => name === sectionName)) throw alreadyWoven({ what: runtimeName })
  checkMemory(runtime, runtimeName)
  return runtime
}

/** Calls the original, then every policy with the same parameters and its own constants. */
function wrapperBody(
  hook: FoundHook,
  originalIndex: number,
  policies: readonly { readonly index: number; readonly args: readonly number[] }[],
): Uint8Array {
  const parameters = hook.place.type.params.map((_, index) => concatBytes([Uint8Array.of(0x20), encodeU32(index)]))
  const call = (index: number) => concatBytes([Uint8Array.of(0x10), encodeU32(index)])
  const constant = (value: number) => concatBytes([Uint8Array.of(0x41), encodeS32(value)])
  const noLocals = Uint8Array.of(0)
  const end = Uint8Array.of(0x0b)
  const policyCalls = policies.flatMap(({ index, args }) => [...parameters, ...args.map(constant), call(index)])
  return concatBytes([noLocals, ...parameters, call(originalIndex), ...policyCalls, end])
}

function encodeFunctionType(type: FunctionType): Uint8Array {
  const values = (list: readonly number[]) => withLength(Uint8Array.from(list))
  return concatBytes([Uint8Array.of(0x60), values(type.params), values(type.results)])
}

/** @throws E313 */
function checkWoven(woven: Uint8Array, functionCount: number): void {
  if (!isValidWasm(woven)) throw wovenInvalid({ reason: 'the result does not validate' })
  const { functions } = parseWasm(woven, 'The woven runtime')
  if (functions.length !== functionCount) {
    throw wovenInvalid({ reason: `it has ${functions.length} functions instead of ${functionCount}` })
  }
}
