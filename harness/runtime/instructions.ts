import { concatBytes, encodeU32, type WasmReader } from './wasmBytes.js'

/** What an index inside an instruction counts. Labels and locals are not told: they mean the same in any module. */
export type IndexSpace = 'function' | 'type' | 'table' | 'global' | 'memory' | 'element' | 'data'

/** An index inside an instruction: `start` and `end` are offsets of its encoding. */
export type VisitIndex = (space: IndexSpace, index: number, start: number, end: number, opcode: number) => void

/** Each instruction's first byte, or 256 more than the second part of one that has two. */
type VisitOpcode = (opcode: number) => void

export const callOpcode = 0x10
const callIndirectOpcode = 0x11
const prefix = 0xfc

const valueTypeNames: Readonly<Record<number, string>> = {
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x70: 'funcref',
  0x6f: 'externref',
}

export function valueType(reader: WasmReader): number {
  const type = reader.u8()
  if (valueTypeNames[type] === undefined) reader.fail(`uses value type 0x${type.toString(16)}, which is not known here`)
  return type
}

/** (i32, i64) -> (i32) */
export function describeFunctionType(type: { params: readonly number[]; results: readonly number[] }): string {
  const names = (types: readonly number[]) => `(${types.map((value) => valueTypeNames[value]).join(', ')})`
  return `${names(type.params)} -> ${names(type.results)}`
}

/** Reads a function's body: its locals, then instructions up to the `end` that must be its last byte.
 *  @throws E302 for an instruction that is not known here: one unknown would make every later index a guess */
export function visitBody(body: WasmReader, visit: VisitIndex, visitOpcode?: VisitOpcode): void {
  body.list(() => {
    body.u32()
    valueType(body)
  })
  visitExpression(body, visit, visitOpcode)
  if (!body.done) body.fail('has bytes after a function ended')
}

/** Reads instructions up to and with the `end` that closes them.
 *
 *  Known: WebAssembly 1.0, sign extension, saturating conversions, multi-value, bulk memory, reference types: more than
 *  the runtimes' compilers emit. */
export function visitExpression(reader: WasmReader, visit: VisitIndex, visitOpcode?: VisitOpcode): void {
  let depth = 0
  for (;;) {
    const opcode = reader.u8()
    if (opcode !== prefix) visitOpcode?.(opcode)
    const index = (space: IndexSpace) => {
      const start = reader.offset
      visit(space, reader.u32(), start, reader.offset, opcode)
    }
    if (opcode >= 0x45 && opcode <= 0xc4) continue // arithmetic, comparison, conversion
    if (opcode >= 0x28 && opcode <= 0x3e) {
      const alignment = reader.u32()
      if (alignment > 4) reader.fail('accesses another memory than the first')
      reader.u32()
      continue
    }
    switch (opcode) {
      case 0x00: // unreachable
      case 0x01: // nop
      case 0x05: // else
      case 0x0f: // return
      case 0x1a: // drop
      case 0x1b: // select
      case 0xd1: // ref.is_null
        break
      case 0x02: // block
      case 0x03: // loop
      case 0x04: // if
        depth += 1
        visitBlockType(reader, visit, opcode)
        break
      case 0x0b: // end
        if (depth === 0) return
        depth -= 1
        break
      case 0x0c: // br
      case 0x0d: // br_if
      case 0x20: // local.get
      case 0x21: // local.set
      case 0x22: // local.tee
        reader.u32()
        break
      case 0x0e: // br_table
        reader.list(() => reader.u32())
        reader.u32()
        break
      case callOpcode:
        index('function')
        break
      case callIndirectOpcode:
        index('type')
        index('table')
        break
      case 0x1c: // select with types
        reader.list(() => valueType(reader))
        break
      case 0x23: // global.get
      case 0x24: // global.set
        index('global')
        break
      case 0x25: // table.get
      case 0x26: // table.set
        index('table')
        break
      case 0x3f: // memory.size
      case 0x40: // memory.grow
        index('memory')
        break
      case 0x41: // i32.const
        reader.skipInteger(32)
        break
      case 0x42: // i64.const
        reader.skipInteger(64)
        break
      case 0x43: // f32.const
        reader.skip(4)
        break
      case 0x44: // f64.const
        reader.skip(8)
        break
      case 0xd0: // ref.null
        valueType(reader)
        break
      case 0xd2: // ref.func
        index('function')
        break
      case prefix: {
        const operation = visitPrefixed(reader, index)
        visitOpcode?.(256 + operation)
        break
      }
      default:
        reader.fail(`has instruction 0x${opcode.toString(16)}, which is not known here`)
    }
  }
}

function visitBlockType(reader: WasmReader, visit: VisitIndex, opcode: number): void {
  const start = reader.offset
  const first = reader.bytes[start] ?? 0
  if (first === 0x40 || valueTypeNames[first] !== undefined) {
    reader.u8()
    return
  }
  // A type index, encoded as a signed integer: its last byte must not look negative.
  const type = reader.u32()
  if ((reader.bytes[reader.offset - 1] ?? 0) >= 0x40) reader.fail('has a block of an unknown type')
  visit('type', type, start, reader.offset, opcode)
}

/** @returns the operation after the prefix */
function visitPrefixed(reader: WasmReader, index: (space: IndexSpace) => void): number {
  const operation = reader.u32()
  switch (operation) {
    case 0: // saturating conversions
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
      break
    case 8: // memory.init
      index('data')
      index('memory')
      break
    case 9: // data.drop
      index('data')
      break
    case 10: // memory.copy
      index('memory')
      index('memory')
      break
    case 11: // memory.fill
      index('memory')
      break
    case 12: // table.init
      index('element')
      index('table')
      break
    case 13: // elem.drop
      index('element')
      break
    case 14: // table.copy
      index('table')
      index('table')
      break
    case 15: // table.grow
    case 16: // table.size
    case 17: // table.fill
      index('table')
      break
    default:
      reader.fail(`has instruction 0xfc ${operation}, which is not known here`)
  }
  return operation
}

/** A body with every index replaced by what `relocate` says, for a module that counts differently. */
export function relocateBody(
  body: WasmReader,
  relocate: (space: IndexSpace, index: number, opcode: number) => number,
): Uint8Array {
  const parts: Uint8Array[] = []
  let copied = body.offset
  visitBody(body, (space, index, start, end, opcode) => {
    const relocated = relocate(space, index, opcode)
    // A block's type is signed: a leading zero group keeps an index whose top bit is set from reading as negative.
    const encoded = encodeU32(relocated)
    const signed = space === 'type' && opcode !== callIndirectOpcode
    parts.push(body.bytes.subarray(copied, start), signed ? nonNegative(encoded) : encoded)
    copied = end
  })
  return concatBytes([...parts, body.bytes.subarray(copied, body.end)])
}

function nonNegative(encoded: Uint8Array): Uint8Array {
  const last = encoded[encoded.length - 1] ?? 0
  if (last < 0x40) return encoded
  return concatBytes([encoded.subarray(0, -1), Uint8Array.of(last + 128, 0)])
}
