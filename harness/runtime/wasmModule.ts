import { valueType, visitExpression } from './instructions.js'
import { concatBytes, encodeName, encodeU32, withLength, WasmReader } from './wasmBytes.js'

export const sectionIds = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
} as const

export interface WasmSection {
  readonly id: number
  /** Of a custom section. */
  readonly name: string | undefined
  /** All bytes after the section's size, a custom section's name included. */
  readonly content: Uint8Array
}

/** Parameters and results as the encoding's value type bytes. */
export interface FunctionType {
  readonly params: readonly number[]
  readonly results: readonly number[]
}

interface FunctionImport {
  readonly module: string
  readonly name: string
  readonly type: number
}

interface GlobalType {
  readonly valueType: number
  readonly mutable: boolean
  readonly imported: boolean
}

interface MemoryType {
  readonly imported: { readonly module: string; readonly name: string } | undefined
  /** Shared between threads, or addressed by 64 bits. */
  readonly ordinary: boolean
}

interface FunctionBody {
  /** With its size before it, as it lies in the code section. */
  readonly entry: Uint8Array
  /** Locals and instructions. */
  readonly content: Uint8Array
}

/** A module's sections as they are, and what the weaver must know of them. Index spaces count imports first. */
export interface WasmModule {
  readonly sections: readonly WasmSection[]
  readonly types: readonly FunctionType[]
  readonly functionImports: readonly FunctionImport[]
  /** Type index of every function. */
  readonly functions: readonly number[]
  readonly globals: readonly GlobalType[]
  readonly memories: readonly MemoryType[]
  readonly functionExports: ReadonlyMap<string, number>
  /** Functions that an element segment, a global or a `start` section names: they can run without a direct call. */
  readonly referencedFunctions: ReadonlySet<number>
  /** Of the functions that are not imported, in order. */
  readonly bodies: readonly FunctionBody[]
  /** From the name section; empty maps if there is none. */
  readonly functionNames: ReadonlyMap<number, string>
  readonly globalNames: ReadonlyMap<number, string>
}

type Mutable<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, V>
    : T extends ReadonlySet<infer E>
      ? Set<E>
      : T extends readonly (infer E)[]
        ? E[]
        : T
type Draft = { -readonly [Key in keyof WasmModule]: Mutable<WasmModule[Key]> }

const header = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)

/** @param what the module's name in errors
 *  @throws E302 if it is no WebAssembly module, or has parts that are not known here */
export function parseWasm(bytes: Uint8Array, what: string): WasmModule {
  const reader = new WasmReader(bytes, what)
  if (bytes.length < header.length || header.some((byte, at) => bytes[at] !== byte)) {
    reader.fail('does not begin as WebAssembly version 1')
  }
  reader.skip(header.length)
  const draft: Draft = {
    sections: [],
    types: [],
    functionImports: [],
    functions: [],
    globals: [],
    memories: [],
    functionExports: new Map(),
    referencedFunctions: new Set(),
    bodies: [],
    functionNames: new Map(),
    globalNames: new Map(),
  }
  while (!reader.done) {
    const id = reader.u8()
    const section = reader.part(reader.u32())
    const content = bytes.subarray(section.offset, section.end)
    const name = id === sectionIds.custom ? section.name() : undefined
    if (id !== sectionIds.custom && draft.sections.some((other) => other.id === id)) {
      reader.fail(`has section ${id} twice`)
    }
    draft.sections.push({ id, name, content })
    if (name === 'name') readNames(section, draft)
    else if (readSection(id, section, draft) && !section.done) section.fail(`has bytes after the end of section ${id}`)
  }
  const expected = draft.functions.length - draft.functionImports.length
  if (draft.bodies.length !== expected) reader.fail(`declares ${expected} functions and has ${draft.bodies.length}`)
  const untyped = draft.functions.find((type) => draft.types[type] === undefined)
  if (untyped !== undefined) reader.fail(`has a function of type ${untyped}, which it does not declare`)
  return draft
}

/** Full validation by the JavaScript engine, whose declarations TypeScript has only with the DOM. */
export function isValidWasm(bytes: Uint8Array): boolean {
  const engine = globalThis as unknown as { readonly WebAssembly: { validate(bytes: Uint8Array): boolean } }
  return engine.WebAssembly.validate(bytes)
}

export function writeWasm(sections: readonly WasmSection[]): Uint8Array {
  return concatBytes([header, ...sections.flatMap(({ id, content }) => [Uint8Array.of(id), withLength(content)])])
}

export function customSection(name: string, content: Uint8Array): WasmSection {
  return { id: sectionIds.custom, name, content: concatBytes([encodeName(name), content]) }
}

/** Reads what is needed of a section; `false` if nothing is. */
function readSection(id: number, section: WasmReader, draft: Draft): boolean {
  switch (id) {
    case sectionIds.type:
      draft.types = section.list(() => readFunctionType(section))
      return true
    case sectionIds.import:
      section.list(() => {
        readImport(section, draft)
      })
      return true
    case sectionIds.function:
      section.list(() => draft.functions.push(section.u32()))
      return true
    case sectionIds.memory:
      section.list(() => draft.memories.push({ imported: undefined, ordinary: readLimits(section) }))
      return true
    case sectionIds.global:
      section.list(() => {
        draft.globals.push({ ...readGlobalType(section), imported: false })
        visitExpression(section, (space, index) => {
          if (space === 'function') draft.referencedFunctions.add(index)
        })
      })
      return true
    case sectionIds.export:
      section.list(() => {
        const name = section.name()
        const kind = section.u8()
        const index = section.u32()
        if (kind === 0) draft.functionExports.set(name, index)
      })
      return true
    case 8: // start
      draft.referencedFunctions.add(section.u32())
      return true
    case sectionIds.element:
      section.list(() => {
        readElement(section, draft.referencedFunctions)
      })
      return true
    case sectionIds.code:
      draft.bodies = section.list(() => readBody(section))
      return true
    default:
      return false
  }
}

function readFunctionType(section: WasmReader): FunctionType {
  if (section.u8() !== 0x60) section.fail('has a type that is not a function type')
  return { params: section.list(() => valueType(section)), results: section.list(() => valueType(section)) }
}

function readImport(section: WasmReader, draft: Draft): void {
  const module = section.name()
  const name = section.name()
  const kind = section.u8()
  switch (kind) {
    case 0: {
      const type = section.u32()
      draft.functionImports.push({ module, name, type })
      draft.functions.push(type)
      return
    }
    case 1:
      valueType(section)
      readLimits(section)
      return
    case 2:
      draft.memories.push({ imported: { module, name }, ordinary: readLimits(section) })
      return
    case 3:
      draft.globals.push({ ...readGlobalType(section), imported: true })
      return
    default:
      section.fail(`imports ${module}.${name} of unknown kind ${kind}`)
  }
}

/** Whether these are the limits of an ordinary memory or table: 32 bit, not shared. */
function readLimits(section: WasmReader): boolean {
  const flags = section.u8()
  if (flags > 7) section.fail(`has limits of unknown kind ${flags}`)
  section.skipInteger(64)
  if ((flags & 1) !== 0) section.skipInteger(64)
  return flags <= 1
}

function readGlobalType(section: WasmReader): Omit<GlobalType, 'imported'> {
  const type = valueType(section)
  const mutability = section.u8()
  if (mutability > 1) section.fail(`has a global of unknown mutability ${mutability}`)
  return { valueType: type, mutable: mutability === 1 }
}

function readElement(section: WasmReader, functions: Set<number>): void {
  const flags = section.u32()
  if (flags > 7) section.fail(`has an element segment of unknown kind ${flags}`)
  const active = (flags & 1) === 0
  const explicit = (flags & 2) !== 0
  const expressions = (flags & 4) !== 0
  const addFunction = (space: string, index: number) => {
    if (space === 'function') functions.add(index)
  }
  if (active && explicit) section.u32() // table
  if (active) visitExpression(section, addFunction)
  if (!active || explicit) {
    const kind = section.u8()
    if (kind !== (expressions ? 0x70 : 0x00)) section.fail(`has elements of unknown kind ${kind}`)
  }
  section.list(() => {
    if (expressions) visitExpression(section, addFunction)
    else functions.add(section.u32())
  })
}

function readBody(section: WasmReader): FunctionBody {
  const start = section.offset
  const content = section.take(section.u32())
  return { entry: section.bytes.subarray(start, section.offset), content }
}

const functionNamesId = 1
const globalNamesId = 7

function readNames(section: WasmReader, draft: Draft): void {
  const readMap = (map: Map<number, string>, part: WasmReader) => {
    part.list(() => {
      const index = part.u32()
      map.set(index, part.name())
    })
  }
  while (!section.done) {
    const id = section.u8()
    const part = section.part(section.u32())
    if (id === functionNamesId) readMap(draft.functionNames, part)
    if (id === globalNamesId) readMap(draft.globalNames, part)
  }
}

/** The name section with names of functions added; their indices must follow all that it already names. */
export function withFunctionNames(
  section: WasmSection,
  added: readonly (readonly [index: number, name: string])[],
): WasmSection {
  const reader = new WasmReader(section.content, 'the name section')
  reader.name()
  const parts: Uint8Array[] = []
  while (!reader.done) {
    const id = reader.u8()
    const part = reader.part(reader.u32())
    if (id !== functionNamesId) {
      parts.push(Uint8Array.of(id), withLength(part.bytes.subarray(part.offset, part.end)))
      continue
    }
    const count = part.count()
    const names = concatBytes([
      encodeU32(count + added.length),
      part.bytes.subarray(part.offset, part.end),
      ...added.flatMap(([index, name]) => [encodeU32(index), encodeName(name)]),
    ])
    parts.push(Uint8Array.of(id), withLength(names))
  }
  return customSection('name', concatBytes(parts))
}
