import {
  alreadyWoven,
  hostFunctionMissing,
  payoutNotFound,
  poolsMovedTwice,
  wasmUnreadable,
  wovenInvalid,
} from '../errors/runtime.js'
import { encodeFunctionType, zeroGlobal } from './assembler.js'
import { describeFunctionType, relocateBody } from './instructions.js'
import { checkMemory, checkPatchModule, neededFunctions, relocateFunctions, stackPointer } from './patchFunctions.js'
import { epochFirstBody, handedEpochBody, payoutTwiceBody } from './payoutWrappers.js'
import type { HookName } from './policy.js'
import { loadPrebuilt, sha256 } from './prebuilt.js'
import { findHooks, functionType, type Caller, type FoundFunction, type FoundHook } from './symbols.js'
import { concatBytes, encodeU32, encodeVector, WasmReader, withLength } from './wasmBytes.js'
import { wovenPolicies, type Weavable, type WovenPolicy } from './wovenPolicies.js'
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
import { netuidWrapping, policyWrapping, wrapperBody, type PolicyCall } from './wrappers.js'

/** Which calls of a hook's function meet the policies: all of them, those of runtime APIs too, or the epoch's own. */
export type CallSites = 'all' | 'epoch'

/** What was woven where: enough to say in a report, and to check, which policies a blob carries. */
export interface WeaveManifest {
  readonly inputSha256: string
  readonly patchModuleSha256: string
  readonly outputSha256: string
  /** Growth of the whole blob. */
  readonly bytesAdded: number
  readonly callSites: CallSites
  readonly patches: readonly WovenPatch[]
}

interface WovenPatch {
  /** Name of the policy, or `hook:` and the name of a hook. */
  readonly policy: string
  readonly hook: HookName
  readonly params: WovenPolicy['params']
  /** Where the hook is: the wrapper's index. With call sites `all` that was the original function's. */
  readonly functionIndex: number
  readonly symbol: string
  readonly signature: string
  /** How what the policy gets is laid out. */
  readonly layout: string
  /** Where the original function is now. */
  readonly originalIndex: number
  readonly policyIndex: number
  readonly callers: readonly Caller[]
  /** The function that pays, where the policy moves rao between the pools. */
  readonly payout: string | null
  /** Size of the functions this patch brought; 0 if an earlier patch brought them already. */
  readonly bytesAdded: number
}

export interface WeaveResult {
  readonly wasm: Uint8Array
  readonly manifest: WeaveManifest
}

interface WeaveOptions {
  /** Instead of the prebuilt one. */
  readonly patchModule?: Uint8Array
  readonly callSites?: CallSites
  /** Also leave in storage what the hooks find (`harness/scenario/probeLayouts.ts` compares it with the state). */
  readonly probe?: boolean
}

/** Name of the custom section that describes what was woven; also what marks a runtime as woven. */
export const wovenSectionName = 'epochdiff'

/** Puts policies into a runtime. At a hook's function the runtime calls the original, moved to the end of the code, and
 *  then the policies in the order stated (or first the policies, where they act on its parameters); no index shifts. Fails
 *  closed: whatever is not exactly as a policy relies on is an error, and nothing is woven.
 *
 *  @param wasm uncompressed runtime
 *  @throws E301 to E313, E320, E321 with what was found; E121 to E124 for a patch whose parameters are not allowed */
export function weave(wasm: Uint8Array, patches: readonly Weavable[], options: WeaveOptions = {}): WeaveResult {
  const { callSites = 'all', probe = false } = options
  const steps = wovenPolicies(patches).map(planStep)
  const runtime = readRuntime(wasm)
  const patchWasm = options.patchModule ?? loadPrebuilt('patch_module').wasm
  const patchModule = parseWasm(patchWasm, 'The patch module')
  checkPatchModule(patchModule)

  const hookNames = [...new Set(steps.map(({ hook }) => hook))]
  const hooks = findHooks(runtime, hookNames, runtimeName)
  const mover = steps.find(({ moves }) => moves !== undefined)
  const payout = mover === undefined ? undefined : requirePayout(hooks, mover.policy)

  const types = [...runtime.types]
  const typeIndex = (type: FunctionType) => {
    const known = types.findIndex((candidate) => describeFunctionType(candidate) === describeFunctionType(type))
    return known >= 0 ? known : types.push(type) - 1
  }
  // Whose epoch runs before its payout.
  const paidFirst = hooks.find(
    (hook): hook is PaidHook =>
      hook.payout !== undefined && hook.payout === payout && hook.place.resultBytes !== undefined,
  )
  const globals = newGlobals(runtime, hooks, payout !== undefined, paidFirst !== undefined)

  // Around which functions wrappers go: each once, whatever they are for.
  const wrapped = wrappedFunctions(hooks, payout)
  const firstAppended = runtime.functions.length
  const firstPatch = firstAppended + wrapped.length
  const redirected = (hook: FoundHook | undefined) =>
    callSites === 'epoch' && hook !== undefined && hook.place.acts === 'after' && hook.callers.length > 1
  const placed = wrapped.map((target, position) => {
    const appended = firstAppended + position
    const redirect = redirected(target.hook)
    return {
      ...target,
      redirect,
      wrapperIndex: redirect ? appended : target.function.functionIndex,
      originalIndex: redirect ? target.function.functionIndex : appended,
    }
  })

  const probes = probe ? hooks.map(({ place }) => probeExport(place.hook)) : []
  const exports = [...steps.flatMap(({ exports }) => exports), ...probes]
  const sources = neededFunctions(patchModule, exports)
  const functions = relocateFunctions(patchModule, sources, runtime, firstPatch, typeIndex)
  const patchIndex = (name: string) => functions.find((added) => added.name === name)?.index ?? firstPatch

  const callsAt = (hook: FoundHook): PolicyCall[] => [
    ...(probe ? [{ index: patchIndex(probeExport(hook.place.hook).name), args: [], movesPools: false }] : []),
    ...steps
      .filter((step) => step.hook === hook.place.hook)
      .flatMap(({ export: exported, args, moves }) => [
        ...(moves === undefined ? [] : [{ index: patchIndex(movePools), args: [], movesPools: true }]),
        ...(exported === undefined ? [] : [{ index: patchIndex(exported), args, movesPools: false }]),
      ]),
  ]
  const { moved = 0, ofRao = 0, result = 0 } = globals
  const epochFirst = { stackPointer: stackPointer(runtime, runtimeName), result, moved, ofRao }
  const wrappers = placed.map((target) => {
    const { hook } = target
    if (target.function === payout && mover?.moves !== undefined) {
      const calls = {
        original: target.originalIndex,
        movedRao: patchIndex(mover.moves.export),
        epochRao: patchIndex('epoch_rao'),
        args: mover.args,
      }
      if (paidFirst !== undefined) {
        const epoch = placed.find((other) => other.hook === paidFirst)?.originalIndex ?? 0
        return epochFirstBody(paidFirst, epoch, callsAt(paidFirst), calls, epochFirst)
      }
      const { readsEpoch } = mover.moves
      const transaction = (name: string) => hostFunction(runtime, `ext_storage_${name}_transaction_version_1`)
      const [startTransaction, commit, rollback] = [
        transaction('start'),
        transaction('commit'),
        transaction('rollback'),
      ]
      return payoutTwiceBody(payout.place, { ...calls, readsEpoch, startTransaction, commit, rollback }, moved, ofRao)
    }
    if (hook !== undefined && hook === paidFirst) return handedEpochBody(paidFirst.payout.place, epochFirst)
    return wrapperBody(target.function, target.originalIndex, [
      ...(target.tellsNetuid && globals.netuid !== undefined ? [netuidWrapping(globals.netuid)] : []),
      ...(hook === undefined ? [] : [policyWrapping(hook, callsAt(hook), globals)]),
    ])
  })

  const imports = runtime.functionImports.length
  const entryOf = (index: number) => runtime.bodies[index - imports]?.entry ?? new Uint8Array()
  const entries = [
    ...runtime.bodies.map(({ entry, content }, position) => {
      const index = imports + position
      const wrapper = placed.findIndex(({ redirect, wrapperIndex }) => !redirect && wrapperIndex === index)
      if (wrapper >= 0) return withLength(wrappers[wrapper] ?? new Uint8Array())
      return redirectCalls(index, entry, content, placed)
    }),
    ...placed.map(({ redirect, function: { functionIndex } }, position) =>
      redirect
        ? withLength(wrappers[position] ?? new Uint8Array())
        : redirectCalls(
            functionIndex,
            entryOf(functionIndex),
            runtime.bodies[functionIndex - imports]?.content ?? new Uint8Array(),
            placed,
          ),
    ),
    ...functions.map(({ body }) => withLength(body)),
  ]
  const functionTypes = [
    ...runtime.functions.slice(imports),
    ...placed.map(({ function: { functionIndex } }) => runtime.functions[functionIndex] ?? 0),
    ...functions.map(({ type }) => typeIndex(type)),
  ]
  const names = [
    ...placed.map(
      ({ redirect, function: { symbol } }, position) =>
        [firstAppended + position, `${symbol}.${redirect ? 'woven' : 'unwoven'}`] as const,
    ),
    ...functions.map((added) => {
      const policy = steps.find((step) => step.export === added.name)
      return [added.index, `epochdiff::${policy?.symbol ?? added.name}`] as const
    }),
  ]
  const patchModuleSha256 = sha256(patchWasm)
  const description = {
    format: 1,
    patchModuleSha256,
    callSites,
    patches: steps.map(({ policy, params }) => ({ policy, params })),
  }
  const woven = writeWasm([
    ...runtime.sections.map((section): WasmSection => {
      switch (section.id) {
        case sectionIds.type:
          return { ...section, content: encodeVector(types.map(encodeFunctionType)) }
        case sectionIds.function:
          return { ...section, content: encodeVector(functionTypes.map(encodeU32)) }
        case sectionIds.global:
          return { ...section, content: withElements(section.content, globals.encoded) }
        case sectionIds.code:
          return { ...section, content: encodeVector(entries) }
        default:
          return section.name === 'name' ? withFunctionNames(section, names) : section
      }
    }),
    customSection(wovenSectionName, new TextEncoder().encode(JSON.stringify(description))),
  ])
  checkWoven(woven, firstPatch + functions.length)

  const brought = new Set<number>()
  const wovenPatches = steps.map((step): WovenPatch => {
    const target = placed.find(({ hook }) => hook?.place.hook === step.hook)
    if (target?.hook === undefined) throw wovenInvalid({ reason: `hook ${step.hook} was lost` })
    const own = neededFunctions(patchModule, step.exports).filter((index) => !brought.has(index))
    for (const index of own) brought.add(index)
    return {
      policy: step.policy,
      hook: step.hook,
      params: step.params,
      functionIndex: target.wrapperIndex,
      symbol: target.hook.symbol,
      signature: describeFunctionType(target.hook.type),
      layout: target.hook.place.layout.name,
      originalIndex: target.originalIndex,
      policyIndex: patchIndex(step.export ?? movePools),
      callers: target.hook.callers,
      payout: step.moves === undefined ? null : (payout?.symbol ?? null),
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
      callSites,
      patches: wovenPatches,
    },
  }
}

/** A hook whose function is the whole epoch, and the function that pays it. */
type PaidHook = FoundHook & { readonly payout: NonNullable<FoundHook['payout']> }

const i32 = 0x7f
const i64 = 0x7e
/** The patch module's function that moves rao between the pools in an epoch's result. */
const movePools = 'move_pools'
const runtimeName = 'The runtime'

/** What the patch module's functions at a hook take before their own parameters. */
const hookParams: Readonly<Record<HookName, readonly number[]>> = {
  stake_weights: [i32, i32, i32, i32], // address, length, netuid, layout
  epoch_rewards: [i32, i32, i64, i32], // result, netuid, rao, layout
}

interface Export {
  readonly name: string
  readonly type: FunctionType
}

interface Step extends WovenPolicy {
  /** Of the patch module. */
  readonly exports: readonly Export[]
}

function planStep(step: WovenPolicy, position: number, steps: readonly WovenPolicy[]): Step {
  const own = hookParams[step.hook]
  const parameters = step.args.map(() => i32)
  const inPools: Export[] =
    step.export === undefined ? [] : [{ name: step.export, type: { params: [...own, ...parameters], results: [] } }]
  if (step.moves === undefined) return { ...step, exports: inPools }
  const first = steps.findIndex(({ moves }) => moves !== undefined)
  if (first !== position) throw poolsMovedTwice({ policies: [steps[first]?.policy ?? '', step.policy] })
  const pools = [i64, i64, i64, i32]
  const exports = [
    { name: movePools, type: { params: [...own, i64, i64], results: [i64] } },
    { name: step.moves.export, type: { params: [...pools, i32, ...parameters], results: [i64] } },
    { name: 'epoch_rao', type: { params: pools, results: [i64] } },
    ...inPools,
  ]
  return { ...step, exports }
}

const probeExport = (hook: HookName): Export => ({
  name: `probe_${hook}`,
  type: { params: hookParams[hook], results: [] },
})

/** @throws E302 not valid, E307 woven already, E310 unsuitable memory */
function readRuntime(wasm: Uint8Array): WasmModule {
  const runtime = parseWasm(wasm, runtimeName)
  if (!isValidWasm(wasm)) {
    throw wasmUnreadable({ what: runtimeName, reason: 'is not valid WebAssembly', offset: 0 })
  }
  if (runtime.sections.some(({ name }) => name === wovenSectionName)) throw alreadyWoven({ what: runtimeName })
  checkMemory(runtime, runtimeName)
  return runtime
}

/** @throws E320 */
function requirePayout(hooks: readonly FoundHook[], policy: string): NonNullable<FoundHook['payout']> {
  const hook = hooks.find(({ place }) => place.hook === 'epoch_rewards')
  if (hook?.payout !== undefined) return hook.payout
  const functions = (hook?.place.payouts ?? []).map(({ functionName }) => functionName)
  throw payoutNotFound({ policy, hook: 'epoch_rewards', functions })
}

/** Functions that get a wrapper, each with the hook that is there and whether it tells the netuid to another one. */
function wrappedFunctions(hooks: readonly FoundHook[], payout: FoundFunction | undefined) {
  const targets: { function: FoundFunction; hook: FoundHook | undefined; tellsNetuid: boolean }[] = hooks.map(
    (hook) => ({ function: hook, hook, tellsNetuid: false }),
  )
  for (const { netuidFrom } of hooks) {
    if (netuidFrom === undefined) continue
    const there = targets.find((target) => target.function.functionIndex === netuidFrom.functionIndex)
    if (there !== undefined) there.tellsNetuid = true
    else targets.push({ function: netuidFrom, hook: undefined, tellsNetuid: true })
  }
  if (payout !== undefined) targets.push({ function: payout, hook: undefined, tellsNetuid: false })
  return targets
}

/** Globals after the runtime's own, which no index of the runtime's reaches. */
function newGlobals(runtime: WasmModule, hooks: readonly FoundHook[], movesPools: boolean, runsEpochFirst: boolean) {
  const encoded: Uint8Array[] = []
  const add = (valueType: 0x7f | 0x7e) => runtime.globals.length + encoded.push(zeroGlobal(valueType)) - 1
  return {
    netuid: hooks.some(({ netuidFrom }) => netuidFrom !== undefined) ? add(i32) : undefined,
    moved: movesPools ? add(i64) : undefined,
    ofRao: movesPools ? add(i64) : undefined,
    result: runsEpochFirst ? add(i32) : undefined,
    encoded,
  }
}

/** A section that is a vector, with elements added at its end. */
function withElements(content: Uint8Array, added: readonly Uint8Array[]): Uint8Array {
  const reader = new WasmReader(content, runtimeName)
  const count = reader.count()
  return concatBytes([encodeU32(count + added.length), content.subarray(reader.offset), ...added])
}

/** The body of the function that runs the epoch calls the wrappers that are for it alone. */
function redirectCalls(
  index: number,
  entry: Uint8Array,
  content: Uint8Array,
  placed: readonly {
    readonly hook: FoundHook | undefined
    readonly redirect: boolean
    readonly wrapperIndex: number
    readonly originalIndex: number
  }[],
): Uint8Array {
  const targets = placed.filter(({ redirect, hook }) => redirect && hook?.epochCallerIndex === index)
  if (targets.length === 0) return entry
  const body = relocateBody(new WasmReader(content, runtimeName), (space, called) => {
    const target = space === 'function' ? targets.find(({ originalIndex }) => originalIndex === called) : undefined
    return target?.wrapperIndex ?? called
  })
  return withLength(body)
}

/** Index of a host function without parameters or results that the runtime imports itself.
 *  @throws E309 */
function hostFunction(runtime: WasmModule, name: string): number {
  const expected = describeFunctionType({ params: [], results: [] })
  const position = runtime.functionImports.findIndex(
    (candidate) => candidate.module === 'env' && candidate.name === name,
  )
  const type = position < 0 ? undefined : functionType(runtime, position)
  const found = type === undefined ? 'does not' : `imports it ${describeFunctionType(type)}`
  if (type === undefined || describeFunctionType(type) !== expected) {
    throw hostFunctionMissing({ name: `env.${name}`, found, expected })
  }
  return position
}

/** @throws E313 */
function checkWoven(woven: Uint8Array, functionCount: number): void {
  if (!isValidWasm(woven)) throw wovenInvalid({ reason: 'the result does not validate' })
  const { functions } = parseWasm(woven, 'The woven runtime')
  if (functions.length !== functionCount) {
    throw wovenInvalid({ reason: `it has ${functions.length} functions instead of ${functionCount}` })
  }
}
