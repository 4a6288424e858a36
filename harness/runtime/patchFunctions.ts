import { hostFunctionMissing, memoryUnsuitable, patchModuleUnsuitable, stackPointerMissing } from '../errors/runtime.js'
import { callOpcode, describeFunctionType, relocateBody, visitBody } from './instructions.js'
import { functionType } from './symbols.js'
import { WasmReader } from './wasmBytes.js'
import { sectionIds, type FunctionType, type WasmModule } from './wasmModule.js'

/** A function of the patch module as it goes into the runtime. */
export interface PatchFunction {
  /** Index in the patch module. */
  readonly source: number
  /** Index in the runtime. */
  readonly index: number
  /** Symbol or export in the patch module. */
  readonly name: string
  readonly type: FunctionType
  /** Locals and instructions, with the runtime's indices. */
  readonly body: Uint8Array
}

const what = 'The patch module'

/** @throws E310, E312 if its functions depend on more than a runtime's memory, stack and host functions */
export function checkPatchModule(patchModule: WasmModule): void {
  const dataSection = 11
  const startSection = 8
  for (const [id, name] of [
    [dataSection, 'data'],
    [sectionIds.element, 'function table entries'],
    [startSection, 'a start function'],
  ] as const) {
    if (patchModule.sections.some((section) => section.id === id))
      throw patchModuleUnsuitable({ reason: `has ${name}` })
  }
  checkMemory(patchModule, what)
  if (patchModule.memories[0]?.imported === undefined) throw patchModuleUnsuitable({ reason: 'has its own memory' })
}

/** @throws E310 unless there is one memory, 32 bit and not shared */
export function checkMemory(module: WasmModule, what: string): void {
  if (module.memories.length !== 1) throw memoryUnsuitable({ what, found: `${module.memories.length} memories` })
  if (module.memories[0]?.ordinary !== true)
    throw memoryUnsuitable({ what, found: 'a memory that is shared or 64 bit' })
}

/** Functions of the patch module that the exports need, themselves included, in the module's order.
 *  @throws E312 for an export that is not there or not of the type expected */
export function neededFunctions(
  patchModule: WasmModule,
  exports: readonly { readonly name: string; readonly type: FunctionType }[],
): number[] {
  const needed = new Set<number>()
  const open = exports.map(({ name, type }) => {
    const index = patchModule.functionExports.get(name)
    const found = index === undefined ? undefined : functionType(patchModule, index)
    if (index === undefined || found === undefined) throw patchModuleUnsuitable({ reason: `does not export ${name}` })
    if (describeFunctionType(found) !== describeFunctionType(type)) {
      const [is, should] = [describeFunctionType(found), describeFunctionType(type)]
      throw patchModuleUnsuitable({ reason: `exports ${name} as ${is}, which should be ${should}` })
    }
    return index
  })
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const body = patchModule.bodies[index - patchModule.functionImports.length]
    if (body === undefined || needed.has(index)) continue
    needed.add(index)
    visitBody(new WasmReader(body.content, what), (space, callee, _start, _end, opcode) => {
      if (space === 'function' && opcode === callOpcode) open.push(callee)
    })
  }
  return [...needed].sort((a, b) => a - b)
}

/** The functions with the runtime's indices, counted from `firstIndex`.
 *  @param typeIndex index of a type in the runtime, which may be added for it
 *  @throws E309 for a host function that the runtime does not import, E311, E312 */
export function relocateFunctions(
  patchModule: WasmModule,
  sources: readonly number[],
  runtime: WasmModule,
  firstIndex: number,
  typeIndex: (type: FunctionType) => number,
): PatchFunction[] {
  const patchStack = stackPointer(patchModule, 'the patch module')
  const runtimeStack = stackPointer(runtime, 'the runtime')
  const exportNames = new Map([...patchModule.functionExports].map(([name, index]) => [index, name]))
  const relocateFunction = (index: number) => {
    if (index < patchModule.functionImports.length) return importIndex(patchModule, index, runtime)
    return firstIndex + sources.indexOf(index)
  }
  return sources.map((source, position) => {
    const body = patchModule.bodies[source - patchModule.functionImports.length]
    const type = functionType(patchModule, source)
    if (body === undefined || type === undefined) throw patchModuleUnsuitable({ reason: `has no function ${source}` })
    const relocated = relocateBody(new WasmReader(body.content, what), (space, index, opcode) => {
      if (space === 'function' && opcode === callOpcode) return relocateFunction(index)
      if (space === 'memory') return index
      if (space === 'global' && index === patchStack) return runtimeStack
      const blockType = space === 'type' ? patchModule.types[index] : undefined
      if (blockType !== undefined) return typeIndex(blockType)
      throw patchModuleUnsuitable({ reason: `uses ${space} ${index}, which has no counterpart in a runtime` })
    })
    const name = exportNames.get(source) ?? patchModule.functionNames.get(source) ?? `function ${source}`
    return { source, index: firstIndex + position, name, type, body: relocated }
  })
}

function importIndex(patchModule: WasmModule, index: number, runtime: WasmModule): number {
  const wanted = patchModule.functionImports[index]
  if (wanted === undefined) throw patchModuleUnsuitable({ reason: `has no import ${index}` })
  const name = `${wanted.module}.${wanted.name}`
  const expected = describe(patchModule, index)
  const position = runtime.functionImports.findIndex(
    (candidate) => candidate.module === wanted.module && candidate.name === wanted.name,
  )
  const found = position < 0 ? 'does not' : `imports it ${describe(runtime, position)}`
  if (position < 0 || describe(runtime, position) !== expected) throw hostFunctionMissing({ name, found, expected })
  return position
}

function describe(module: WasmModule, functionIndex: number): string {
  const type = functionType(module, functionIndex)
  return type === undefined ? 'of no type' : describeFunctionType(type)
}

/** By its name, or as the only global of its kind where names of globals were not kept.
 *  @throws E311 */
export function stackPointer(module: WasmModule, what: string): number {
  const i32 = 0x7f
  const mutable = [...module.globals.keys()].filter((index) => {
    const global = module.globals[index]
    return global !== undefined && global.mutable && global.valueType === i32
  })
  const named = [...module.globalNames].filter(([, name]) => name === '__stack_pointer').map(([index]) => index)
  const candidates = named.length > 0 ? mutable.filter((index) => named.includes(index)) : mutable
  const [pointer, another] = candidates
  if (pointer === undefined || another !== undefined) {
    throw stackPointerMissing({ what, found: `${candidates.length} globals could be it` })
  }
  return pointer
}
