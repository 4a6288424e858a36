import { type Code, functionBody } from './assembler.js'
import { encodeU32, encodeVector, withLength } from './wasmBytes.js'
import { parseWasm, sectionIds, type WasmModule, writeWasm } from './wasmModule.js'

/** What stands in a function's place. */
export interface FunctionWrapper {
  /** Types of its locals beside the function's own parameters, one of each. */
  readonly locals: readonly number[]
  /** Leaves what the function returns. */
  readonly code: readonly Code[]
}

/** Puts code in the place of a function, which moves to the end of the code: whoever called it calls the wrapper, no index shifts.
 *  @param wasm uncompressed runtime
 *  @param find its index, of a function that is not imported
 *  @param write given the index that the original has then
 *  @throws E302 no wasm that can be read, and what `find` throws */
export function wrapFunction(
  wasm: Uint8Array,
  find: (module: WasmModule) => number,
  write: (original: number, module: WasmModule) => FunctionWrapper,
): Uint8Array {
  const module = parseWasm(wasm, 'The runtime')
  const wrapped = find(module)
  const imports = module.functionImports.length
  const { locals, code } = write(module.functions.length, module)
  const entries = module.bodies.map(({ entry }) => entry)
  const original = entries[wrapped - imports] ?? new Uint8Array()
  const type = module.functions[wrapped] ?? 0
  return writeWasm(
    module.sections.map((section) => {
      switch (section.id) {
        case sectionIds.function:
          return { ...section, content: encodeVector([...module.functions.slice(imports), type].map(encodeU32)) }
        case sectionIds.code:
          return {
            ...section,
            content: encodeVector([
              ...entries.with(wrapped - imports, withLength(functionBody(locals, code))),
              original,
            ]),
          }
        default:
          return section
      }
    }),
  )
}
