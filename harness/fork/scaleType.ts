import type { PortableRegistry } from '@polkadot/types'
import type { Si1LookupTypeId, Si1Type } from '@polkadot/types/interfaces'
import { decodeAddress, encodeAddress } from './polkadotPackages.js'
import { didYouMean } from '../errors/didYouMean.js'

/** Reads SCALE bytes front to back; running over the end throws RangeError. */
export class ScaleReader {
  offset = 0
  private readonly view: DataView

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  take(length: number): Uint8Array {
    const end = this.offset + length
    if (end > this.bytes.length) throw new RangeError(`${this.bytes.length} bytes are too few`)
    const taken = this.bytes.subarray(this.offset, end)
    this.offset = end
    return taken
  }

  u8(): number {
    const [byte] = this.take(1)
    return byte ?? 0
  }

  /** Little-endian integer of 1 to 4 bytes. */
  small(bytes: 1 | 2 | 4, signed: boolean): number {
    const at = this.offset
    this.take(bytes)
    if (bytes === 1) return signed ? this.view.getInt8(at) : this.view.getUint8(at)
    if (bytes === 2) return signed ? this.view.getInt16(at, true) : this.view.getUint16(at, true)
    return signed ? this.view.getInt32(at, true) : this.view.getUint32(at, true)
  }

  /** Little-endian integer of 8, 16 or 32 bytes. */
  big(bytes: number, signed: boolean): bigint {
    const at = this.offset
    this.take(bytes)
    let value = 0n
    for (let word = bytes - 8; word >= 0; word -= 8) value = (value << 64n) | this.view.getBigUint64(at + word, true)
    return signed ? BigInt.asIntN(bytes * 8, value) : value
  }

  compact(): bigint {
    const first = this.u8()
    const mode = first & 3
    if (mode === 0) return BigInt(first >> 2)
    const length = mode === 1 ? 2 : mode === 2 ? 4 : (first >> 2) + 5
    if (mode !== 3) {
      this.offset -= 1
      return BigInt(length === 2 ? this.small(2, false) : this.small(4, false)) >> 2n
    }
    let value = 0n
    this.take(length - 1).forEach((byte, index) => (value |= BigInt(byte) << BigInt(8 * index)))
    return value
  }

  /** Length of a sequence. An element needs at least one byte here, so a length beyond the bytes left is an error. */
  length(): number {
    const length = this.compact()
    if (length > BigInt(this.bytes.length - this.offset)) {
      throw new RangeError(`a sequence of ${length} elements in ${this.bytes.length - this.offset} bytes`)
    }
    return Number(length)
  }
}

/** SCALE compact integer. */
export function compactBytes(value: bigint): number[] {
  if (value < 1n << 6n) return [Number(value) << 2]
  const mode = value < 1n << 14n ? 1n : value < 1n << 30n ? 2n : 3n
  if (mode !== 3n) return littleEndian((value << 2n) | mode, mode === 1n ? 2 : 4)
  const length = Math.max(4, Math.ceil(value.toString(16).length / 2))
  return [((length - 4) << 2) | 3, ...littleEndian(value, length)]
}

function littleEndian(value: bigint, bytes: number): number[] {
  const out: number[] = []
  for (let index = 0, rest = value; index < bytes; index += 1, rest >>= 8n) out.push(Number(rest & 0xffn))
  return out
}

/** SCALE form of one type of the metadata; plain JS as `StorageCodec` documents it. */
export interface ScaleType {
  read(from: ScaleReader): unknown
  /** @throws TypeError or RangeError when the value does not fit the type */
  write(value: unknown, to: number[]): void
}

const INTEGERS: Readonly<Record<string, readonly [bytes: number, signed: boolean]>> = {
  U8: [1, false],
  U16: [2, false],
  U32: [4, false],
  U64: [8, false],
  U128: [16, false],
  U256: [32, false],
  I8: [1, true],
  I16: [2, true],
  I32: [4, true],
  I64: [8, true],
  I128: [16, true],
  I256: [32, true],
}

const decimalBigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

function misfit(value: unknown, type: string): TypeError {
  const shown = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value, decimalBigints) ?? String(value))
  return new TypeError(`${shown.length > 80 ? `${shown.slice(0, 77)}...` : shown} is no ${type}`)
}

/** Decimal digits in a string are taken for what a JSON number cannot hold. */
function wholeNumber(value: unknown, type: string): bigint | number {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return value as bigint | number
  if (typeof value === 'string' && /^-?\d{1,80}$/.test(value)) return BigInt(value)
  if (Number.isInteger(value)) throw new RangeError(`${String(value)} may have lost digits: write it in quotes`)
  throw misfit(value, type)
}

/** Little-endian, of 1 to 32 bytes. */
export function integer(bytes: number, signed: boolean): ScaleType {
  const bits = BigInt(bytes * 8)
  const min = signed ? -(1n << (bits - 1n)) : 0n
  const max = (1n << (signed ? bits - 1n : bits)) - 1n
  const name = `${signed ? 'i' : 'u'}${bits}`
  const write = (value: unknown, to: number[]) => {
    const exact = wholeNumber(value, name)
    if (exact < min || exact > max) throw new RangeError(`${exact} does not fit ${name}`)
    if (bytes <= 4) {
      // Most of a state are u16 of weights and bonds: no bigint for them.
      for (let index = 0, rest = Number(exact); index < bytes; index += 1, rest >>= 8) to.push(rest & 0xff)
      return
    }
    let rest = BigInt.asUintN(bytes * 8, BigInt(exact))
    for (let index = 0; index < bytes; index += 1, rest >>= 8n) to.push(Number(rest & 0xffn))
  }
  return bytes === 1 || bytes === 2 || bytes === 4
    ? { read: (from) => from.small(bytes, signed), write }
    : { read: (from) => from.big(bytes, signed), write }
}

const bool: ScaleType = {
  read(from) {
    const byte = from.u8()
    if (byte > 1) throw new RangeError(`${byte} is no bool`)
    return byte === 1
  },
  write(value, to) {
    if (typeof value !== 'boolean') throw misfit(value, 'bool')
    to.push(value ? 1 : 0)
  },
}

const text: ScaleType = {
  read: (from) => Buffer.from(from.take(from.length())).toString('utf8'),
  write(value, to) {
    if (typeof value !== 'string') throw misfit(value, 'text')
    const bytes = Buffer.from(value, 'utf8')
    to.push(...compactBytes(BigInt(bytes.length)), ...bytes)
  },
}

function hexBytes(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-f]{2})*$/i.test(value)) throw misfit(value, 'hexadecimal')
  return Buffer.from(value.slice(2), 'hex')
}

const byteSequence: ScaleType = {
  read: (from) => `0x${Buffer.from(from.take(from.length())).toString('hex')}`,
  write(value, to) {
    const bytes = hexBytes(value)
    to.push(...compactBytes(BigInt(bytes.length)))
    for (const byte of bytes) to.push(byte)
  },
}

const byteArray = (length: number): ScaleType => ({
  read: (from) => `0x${Buffer.from(from.take(length)).toString('hex')}`,
  write(value, to) {
    const bytes = hexBytes(value)
    if (bytes.length !== length) throw new RangeError(`${bytes.length} bytes where ${length} are wanted`)
    to.push(...bytes)
  },
})

function accountBytes(value: string): Uint8Array {
  if (value.startsWith('0x')) return hexBytes(value)
  try {
    return decodeAddress(value)
  } catch {
    throw misfit(value, 'account (SS58 address, or 32 bytes in hexadecimal)')
  }
}

/** SS58 costs a hash each way and a state repeats its accounts: both directions are remembered. */
function account(): ScaleType {
  const toAddress = new Map<string, string>()
  const toBytes = new Map<string, Uint8Array>()
  return {
    read(from) {
      const bytes = from.take(32)
      const id = Buffer.from(bytes).toString('hex')
      let address = toAddress.get(id)
      if (address === undefined) toAddress.set(id, (address = encodeAddress(bytes, 42)))
      return address
    },
    write(value, to) {
      if (typeof value !== 'string') throw misfit(value, 'account')
      let bytes = toBytes.get(value)
      if (bytes === undefined) toBytes.set(value, (bytes = accountBytes(value)))
      if (bytes.length !== 32) throw misfit(value, 'account')
      to.push(...bytes)
    },
  }
}

export const compact: ScaleType = {
  read: (from) => from.compact(),
  write(value, to) {
    const exact = BigInt(wholeNumber(value, 'compact integer'))
    if (exact < 0n) throw new RangeError(`${exact} is negative`)
    to.push(...compactBytes(exact))
  },
}

/** A compact integer of a type with its own range. */
const compactOf = (inner: ScaleType): ScaleType => ({
  read: compact.read,
  write(value, to) {
    inner.write(value, [])
    compact.write(value, to)
  },
})

const unit: ScaleType = {
  read: () => null,
  write(value) {
    if (value !== null && value !== undefined) throw misfit(value, 'unit')
  },
}

function items(value: unknown, count?: number): readonly unknown[] {
  if (!Array.isArray(value)) throw misfit(value, 'list')
  if (count !== undefined && value.length !== count)
    throw new RangeError(`${value.length} elements where ${count} are wanted`)
  return value
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit(value, `struct with "${name}"`)
  if (!Object.hasOwn(value, name)) throw new TypeError(`"${name}" is missing`)
  return (value as Record<string, unknown>)[name]
}

function sequence(element: ScaleType): ScaleType {
  return {
    read: (from) => Array.from({ length: from.length() }, () => element.read(from)),
    write(value, to) {
      const list = items(value)
      to.push(...compactBytes(BigInt(list.length)))
      for (const entry of list) element.write(entry, to)
    },
  }
}

function fixedList(elements: readonly ScaleType[]): ScaleType {
  return {
    read: (from) => elements.map((element) => element.read(from)),
    write(value, to) {
      const list = items(value, elements.length)
      elements.forEach((element, index) => element.write(list[index], to))
    },
  }
}

function struct(fields: readonly (readonly [name: string, type: ScaleType])[]): ScaleType {
  return {
    read: (from) => Object.fromEntries(fields.map(([name, type]) => [name, type.read(from)])),
    write(value, to) {
      refuseStrayFields(value, fields)
      for (const [name, type] of fields) inField(name, () => type.write(field(value, name), to))
    },
  }
}

/** Says in which field a value does not fit. */
function inField(name: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${name}: ${error.message}`, { cause: error })
    throw new TypeError(`${name}: ${(error as Error).message}`, { cause: error })
  }
}

function refuseStrayFields(value: unknown, fields: readonly (readonly [name: string, type: ScaleType])[]): void {
  if (typeof value !== 'object' || value === null) return
  const names = fields.map(([name]) => name)
  const stray = Object.keys(value).find((name) => !names.includes(name))
  if (stray !== undefined) throw new TypeError(`there is no field "${stray}"${meant(stray, names)}`)
}

function meant(typed: string, known: readonly string[]): string {
  const name = didYouMean(typed, known)
  return name === undefined ? `: use ${known.join(', ')}` : `, did you mean "${name}"?`
}

function option(inner: ScaleType): ScaleType {
  return {
    read: (from) => (bool.read(from) === true ? inner.read(from) : null),
    write(value, to) {
      to.push(value === null || value === undefined ? 0 : 1)
      if (value !== null && value !== undefined) inner.write(value, to)
    },
  }
}

interface Variant {
  readonly name: string
  readonly index: number
  readonly fields: ScaleType | undefined
}

function choice(variants: readonly Variant[]): ScaleType {
  return {
    read(from) {
      const index = from.u8()
      const variant = variants.find((candidate) => candidate.index === index)
      if (variant === undefined) throw new RangeError(`no variant has index ${index}`)
      return variant.fields === undefined ? variant.name : { [variant.name]: variant.fields.read(from) }
    },
    write(value, to) {
      const name = typeof value === 'string' ? value : Object.keys(Object(value)).join()
      const variant = variants.find((candidate) => candidate.name === name)
      if (variant === undefined) throw misfit(value, `one of ${variants.map((each) => each.name).join(', ')}`)
      to.push(variant.index)
      if (variant.fields === undefined) return
      const { fields } = variant
      inField(name, () => fields.write(field(value, name), to))
    },
  }
}

/** An account alone is the address that it mostly is. */
function multiAddress(variants: ScaleType): ScaleType {
  return {
    read: variants.read,
    write: (value, to) => variants.write(typeof value === 'string' ? { Id: value } : value, to),
  }
}

type Fields = readonly {
  readonly name: { readonly isSome: boolean; toString(): string }
  readonly type: Si1LookupTypeId
}[]

/** Compiles types of the metadata's registry, each once; the result reads and writes without looking at the registry again. */
export function scaleTypes(lookup: PortableRegistry): (id: Si1LookupTypeId) => ScaleType {
  const compiled = new Map<number, ScaleType>()

  function typeOf(id: Si1LookupTypeId): ScaleType {
    const number = id.toNumber()
    const known = compiled.get(number)
    if (known !== undefined) return known
    // A type may contain itself (calls do): it is entered before its parts, which then find this stand-in.
    const standIn: ScaleType = {
      read: (from) => made.read(from),
      write: (value, to) => made.write(value, to),
    }
    compiled.set(number, standIn)
    const made = compile(lookup.getSiType(id))
    compiled.set(number, made)
    return made
  }

  function fieldsOf(fields: Fields): ScaleType {
    const [first] = fields
    if (first === undefined) return unit
    if (first.name.isSome) return struct(fields.map(({ name, type }) => [name.toString(), typeOf(type)]))
    return fields.length === 1 ? typeOf(first.type) : fixedList(fields.map(({ type }) => typeOf(type)))
  }

  function isByte(id: Si1LookupTypeId): boolean {
    const { def } = lookup.getSiType(id)
    return def.isPrimitive && def.asPrimitive.isU8
  }

  function compile(type: Si1Type): ScaleType {
    const { def } = type
    const path = type.path.map(String)
    if (path.at(-1) === 'AccountId32') return account()
    if (def.isPrimitive) {
      const name = def.asPrimitive.type
      const known = INTEGERS[name]
      if (known !== undefined) return integer(...known)
      if (name === 'Bool') return bool
      if (name === 'Str') return text
      throw new TypeError(`primitive ${name} is not supported`)
    }
    if (def.isCompact) return compactOf(typeOf(def.asCompact.type))
    if (def.isSequence) return isByte(def.asSequence.type) ? byteSequence : sequence(typeOf(def.asSequence.type))
    if (def.isArray) {
      const { len, type: element } = def.asArray
      if (isByte(element)) return byteArray(len.toNumber())
      return fixedList(Array.from({ length: len.toNumber() }, () => typeOf(element)))
    }
    if (def.isTuple) {
      const parts = [...def.asTuple]
      return parts.length === 0 ? unit : fixedList(parts.map(typeOf))
    }
    if (def.isComposite) {
      const { fields } = def.asComposite
      const [only] = fields
      const isFixedPoint =
        fields.length === 1 && only !== undefined && only.name.isSome && only.name.toString() === 'bits'
      return isFixedPoint ? typeOf(only.type) : fieldsOf(fields)
    }
    if (def.isVariant) {
      const { variants } = def.asVariant
      const some = variants.find((variant) => variant.name.toString() === 'Some')?.fields[0]
      if (path.join() === 'Option' && some !== undefined) return option(typeOf(some.type))
      const variantType = choice(
        variants.map(({ name, index, fields }) => ({
          name: name.toString(),
          index: index.toNumber(),
          fields: fields.length === 0 ? undefined : fieldsOf(fields),
        })),
      )
      return path.at(-1) === 'MultiAddress' ? multiAddress(variantType) : variantType
    }
    throw new TypeError(`type ${path.join('::') || def.type} is not supported`)
  }

  return typeOf
}
