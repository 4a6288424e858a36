import { mostPages } from './storageCache.js'
import { pageBytes, wasm, type WasmModule } from './webassembly.js'

/** A runtime ready to be instantiated: its memory is always the host's to give. */
export interface RuntimeModule {
  readonly module: WasmModule
  /** Pages that the runtime's data needs at the start. */
  readonly initialPages: number
  /** Names of its host functions. */
  readonly hostFunctions: readonly string[]
  /** Names of the functions it offers. */
  readonly functions: readonly string[]
}

interface Section {
  readonly id: number
  readonly start: number
  readonly bodyStart: number
  readonly end: number
}

const importSection = 2
const memorySection = 5
const memoryKind = 2
const magic = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)

/** Compiles a runtime. A memory of its own becomes an import, and the memory's upper limit becomes the engine's, with room for its storage cache.
 *  @throws Error saying what is wrong with the bytes */
export async function compileRuntime(bytes: Uint8Array, limitBytes: number): Promise<RuntimeModule> {
  const limitPages = Math.floor(limitBytes / pageBytes)
  const { bytes: adapted, initialPages } = importMemory(bytes, mostPages(limitBytes))
  if (initialPages > limitPages)
    throw new Error(`it needs ${initialPages} pages of memory at the start, over the limit`)
  const module = await wasm.compile(adapted)
  const imports = wasm.Module.imports(module)
  const foreign = imports.find(({ module: from, kind, name }) =>
    kind === 'function' ? from !== 'env' : kind !== 'memory' || from !== 'env' || name !== 'memory',
  )
  if (foreign)
    throw new Error(`it imports ${foreign.kind} ${foreign.module}.${foreign.name}, which no Substrate host gives`)
  return {
    module,
    initialPages,
    hostFunctions: imports.filter(({ kind }) => kind === 'function').map(({ name }) => name),
    functions: wasm.Module.exports(module)
      .filter(({ kind }) => kind === 'function')
      .map(({ name }) => name),
  }
}

/** Rewrites the module so that memory 0 is the import `env.memory` with the given limit. Memory is a space of indices of its own: no
 *  other index shifts. */
function importMemory(bytes: Uint8Array, limitPages: number): { bytes: Uint8Array; initialPages: number } {
  if (magic.some((byte, index) => bytes[index] !== byte)) throw new Error('it does not start like a wasm module')
  const reader = new Reader(bytes, magic.length)
  const sections: Section[] = []
  while (reader.at < bytes.length) {
    const start = reader.at
    const id = reader.byte()
    const size = reader.u32()
    const bodyStart = reader.at
    reader.skip(size)
    sections.push({ id, start, bodyStart, end: reader.at })
  }
  const own = sections.find(({ id }) => id === memorySection)
  const imports = sections.find(({ id }) => id === importSection)
  const read = readImports(bytes, imports)
  const ownPages = own && readOwnMemory(bytes, own)
  const initialPages = ownPages ?? read.memoryPages
  if (initialPages === undefined) throw new Error('it has no memory')
  const memoryImport = [
    3,
    ...ascii('env'),
    6,
    ...ascii('memory'),
    memoryKind,
    1,
    ...leb(initialPages),
    ...leb(limitPages),
  ]
  const body = [leb(read.functionEntries.length + 1), ...read.functionEntries, memoryImport]
  const size = body.reduce((sum, part) => sum + part.length, 0)
  const newImports = Buffer.concat([[importSection], leb(size), ...body].map((part) => Uint8Array.from(part)))

  const parts: Uint8Array[] = [magic]
  let placed = false
  for (const section of sections) {
    // The import section comes right after the types (1); custom sections (0) may stand anywhere.
    if (!placed && section.id >= importSection) {
      parts.push(newImports)
      placed = true
    }
    if (section.id !== importSection && section.id !== memorySection)
      parts.push(bytes.subarray(section.start, section.end))
  }
  if (!placed) parts.push(newImports)
  return { bytes: Buffer.concat(parts), initialPages }
}

function readImports(
  bytes: Uint8Array,
  section: Section | undefined,
): { functionEntries: Uint8Array[]; memoryPages: number | undefined } {
  const functionEntries: Uint8Array[] = []
  let memoryPages: number | undefined
  if (section) {
    const reader = new Reader(bytes, section.bodyStart)
    for (let left = reader.u32(); left > 0; left -= 1) {
      const start = reader.at
      reader.skip(reader.u32())
      reader.skip(reader.u32())
      const kind = reader.byte()
      if (kind === 0) {
        reader.u32()
        functionEntries.push(bytes.subarray(start, reader.at))
      } else if (kind === memoryKind) memoryPages = reader.limits()
      else throw new Error('it imports a table or a global, which no Substrate host gives')
    }
  }
  return { functionEntries, memoryPages }
}

function readOwnMemory(bytes: Uint8Array, section: Section): number | undefined {
  const reader = new Reader(bytes, section.bodyStart)
  const count = reader.u32()
  if (count > 1) throw new Error('it has more than one memory')
  return count === 1 ? reader.limits() : undefined
}

class Reader {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  byte(): number {
    const byte = this.bytes[this.at]
    if (byte === undefined) throw new Error('it ends in the middle of a section')
    this.at += 1
    return byte
  }

  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new Error('it holds a number that is too long')
  }

  skip(length: number): void {
    this.at += length
    if (this.at > this.bytes.length) throw new Error('it ends in the middle of a section')
  }

  /** Initial pages of a memory type. */
  limits(): number {
    const flags = this.byte()
    if (flags > 1) throw new Error('its memory is shared or of 64 bits')
    const initial = this.u32()
    if (flags === 1) this.u32()
    return initial
  }
}

function leb(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest]
    bytes.push((rest & 0x7f) | 0x80)
  }
}

function ascii(text: string): number[] {
  return [...Buffer.from(text)]
}
