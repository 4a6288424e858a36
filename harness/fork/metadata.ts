import { metadataUnreadable } from '../errors/fork.js'
import type { Hex } from './forkState.js'
import { ScaleReader } from './scaleType.js'

/** Index of a type in the metadata's registry. */
export type TypeId = number

export interface TypeField {
  readonly name: string | undefined
  readonly type: TypeId
}

export interface TypeVariant {
  readonly name: string
  readonly fields: readonly TypeField[]
  readonly index: number
  readonly docs: readonly string[]
}

type TypeDef =
  | { readonly kind: 'Composite'; readonly fields: readonly TypeField[] }
  | { readonly kind: 'Variant'; readonly variants: readonly TypeVariant[] }
  | { readonly kind: 'Sequence'; readonly type: TypeId }
  | { readonly kind: 'Array'; readonly length: number; readonly type: TypeId }
  | { readonly kind: 'Tuple'; readonly types: readonly TypeId[] }
  | { readonly kind: 'Primitive'; readonly name: string }
  | { readonly kind: 'Compact'; readonly type: TypeId }
  | { readonly kind: 'BitSequence' }

export interface MetadataType {
  readonly path: readonly string[]
  readonly params: readonly { readonly name: string; readonly type: TypeId | undefined }[]
  readonly def: TypeDef
}

export interface StorageEntry {
  readonly name: string
  /** Absence reads as the default. */
  readonly hasDefault: boolean
  /** Of a map. */
  readonly hashers: readonly string[]
  readonly key: TypeId | undefined
  readonly value: TypeId
  readonly fallback: Uint8Array
}

interface PalletMetadata {
  readonly name: string
  readonly index: number
  readonly storage: { readonly prefix: string; readonly entries: readonly StorageEntry[] } | undefined
  readonly calls: TypeId | undefined
  readonly errors: TypeId | undefined
  readonly constants: readonly { readonly name: string; readonly type: TypeId; readonly value: Uint8Array }[]
}

/** What epochdiff needs of a runtime's metadata. */
export interface RuntimeMetadata {
  /** @throws E201 when there is none */
  typeAt(id: TypeId): MetadataType
  readonly pallets: readonly PalletMetadata[]
  readonly extrinsic: {
    readonly addressType: TypeId
    readonly signatureType: TypeId
    readonly extensions: readonly { readonly identifier: string; readonly type: TypeId }[]
  }
}

const magic = '0x6d657461'
const primitives = [
  ...['Bool', 'Char', 'Str', 'U8', 'U16', 'U32', 'U64', 'U128', 'U256'],
  ...['I8', 'I16', 'I32', 'I64', 'I128', 'I256'],
]
const hasherNames = [
  ...['Blake2_128', 'Blake2_256', 'Blake2_128Concat', 'Twox128', 'Twox256', 'Twox64Concat', 'Identity'],
]
const withDefault = 1

/** Reads metadata of version 14 to 16, to its last byte: what is not needed is passed over. Not by @polkadot/types, which
 *  takes longer to load than most of what epochdiff does, in every process that decodes storage.
 *  @param raw SCALE bytes with the magic "meta", or as `Metadata_metadata` returns them (length first)
 *  @throws E201 */
export function readMetadata(raw: Hex): RuntimeMetadata {
  try {
    return parse(new MetadataReader(withoutLength(raw)))
  } catch (cause) {
    throw metadataUnreadable({ reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}

function withoutLength(raw: Hex): Uint8Array {
  const bytes = Buffer.from(raw.slice(2), 'hex')
  if (raw.startsWith(magic)) return bytes
  const reader = new ScaleReader(bytes)
  const body = reader.take(reader.length())
  if (Buffer.from(body.subarray(0, 4)).toString('hex') !== magic.slice(2)) {
    throw new RangeError('it does not begin with "meta"')
  }
  return body
}

function parse(reader: MetadataReader): RuntimeMetadata {
  reader.take(4)
  const version = reader.u8()
  if (version < 14 || version > 16) throw new RangeError(`its version is ${version}`)
  const types = new Map(reader.list(() => [reader.id(), reader.type()]))
  const pallets = reader.list(() => readPallet(reader, version))
  const typeAt = (id: TypeId): MetadataType => {
    const type = types.get(id)
    if (type === undefined) throw metadataUnreadable({ reason: `there is no type ${id}` })
    return type
  }
  const extrinsic = version === 14 ? readExtrinsic14(reader, types) : readExtrinsic(reader, version)
  if (version < 16) reader.id()
  if (version > 14) skipRest(reader, version)
  if (reader.offset !== reader.bytes.length) {
    throw new RangeError(`${reader.bytes.length - reader.offset} bytes are left over`)
  }
  return { typeAt, pallets, extrinsic }
}

function readPallet(reader: MetadataReader, version: number): PalletMetadata {
  const name = reader.text()
  const storage = reader.option(() => ({
    prefix: reader.text(),
    entries: reader.list(() => readEntry(reader, version)),
  }))
  const typed = (): TypeId => {
    const type = reader.id()
    if (version === 16) reader.skipVariantDeprecations()
    return type
  }
  const calls = reader.option(typed)
  reader.option(typed)
  const constants = reader.list(() => {
    const constant = { name: reader.text(), type: reader.id(), value: reader.byteVector() }
    reader.skipTexts()
    if (version === 16) reader.skipDeprecation()
    return constant
  })
  const errors = reader.option(typed)
  if (version === 16) {
    reader.list(() => [reader.skipText(), reader.id(), reader.skipTexts()])
    reader.list(() => {
      reader.take(32)
      reader.skipMethod()
      reader.skipDeprecation()
    })
  }
  const index = reader.u8()
  if (version > 14) reader.skipTexts()
  if (version === 16) reader.skipDeprecation()
  return { name, index, storage, calls, errors, constants }
}

function readEntry(reader: MetadataReader, version: number): StorageEntry {
  const name = reader.text()
  const hasDefault = reader.u8() === withDefault
  const isMap = reader.bool()
  const hashers = isMap ? reader.list(() => nameAt(hasherNames, reader.u8(), 'hasher')) : []
  const key = isMap ? reader.id() : undefined
  const value = reader.id()
  const fallback = reader.byteVector()
  reader.skipTexts()
  if (version === 16) reader.skipDeprecation()
  return { name, hasDefault, hashers, key, value, fallback }
}

/** The types of address and signature are parameters of the extrinsic's. */
function readExtrinsic14(
  reader: MetadataReader,
  types: ReadonlyMap<TypeId, MetadataType>,
): RuntimeMetadata['extrinsic'] {
  const params = types.get(reader.id())?.params ?? []
  const param = (name: string): TypeId => params.find((each) => each.name === name)?.type ?? 0
  reader.u8()
  return {
    addressType: param('Address'),
    signatureType: param('Signature'),
    extensions: reader.list(() => reader.extension()),
  }
}

function readExtrinsic(reader: MetadataReader, version: number): RuntimeMetadata['extrinsic'] {
  if (version === 16) reader.byteVector()
  else reader.u8()
  const addressType = reader.id()
  reader.id()
  const signatureType = reader.id()
  // By the extrinsic's version, which of the extensions it has; in 15 the type of all.
  if (version === 16) reader.list(() => [reader.u8(), reader.list(() => reader.id())])
  else reader.id()
  return { addressType, signatureType, extensions: reader.list(() => reader.extension()) }
}

/** Runtime APIs, outer enums, and what a runtime adds of its own. */
function skipRest(reader: MetadataReader, version: number): void {
  reader.list(() => {
    reader.text()
    reader.list(() => {
      reader.skipMethod()
      if (version === 16) reader.skipDeprecation()
    })
    reader.skipTexts()
    if (version < 16) return
    reader.id()
    reader.skipDeprecation()
  })
  for (let outer = 0; outer < 3; outer += 1) reader.id()
  reader.list(() => [reader.text(), reader.id(), reader.byteVector()])
}

function nameAt(names: readonly string[], index: number, what: string): string {
  const name = names[index]
  if (name === undefined) throw new RangeError(`${what} ${index} is unknown`)
  return name
}

class MetadataReader extends ScaleReader {
  id(): number {
    return this.count()
  }

  bool(): boolean {
    const byte = this.u8()
    if (byte > 1) throw new RangeError(`${byte} is no bool`)
    return byte === 1
  }

  byteVector(): Uint8Array {
    return this.take(this.length())
  }

  text(): string {
    return Buffer.from(this.byteVector()).toString('utf8')
  }

  list<Element>(read: () => Element): Element[] {
    return Array.from({ length: this.length() }, read)
  }

  option<Value>(read: () => Value): Value | undefined {
    return this.bool() ? read() : undefined
  }

  texts(): string[] {
    return this.list(() => this.text())
  }

  /** Docs are most of the metadata. */
  skipTexts(): void {
    for (let left = this.length(); left > 0; left -= 1) this.skipText()
  }

  skipText(): void {
    this.pass(this.length())
  }

  fields(): TypeField[] {
    return this.list(() => {
      const field = { name: this.option(() => this.text()), type: this.id() }
      this.option(() => this.skipText())
      this.skipTexts()
      return field
    })
  }

  type(): MetadataType {
    const path = this.texts()
    const params = this.list(() => ({ name: this.text(), type: this.option(() => this.id()) }))
    const def = this.typeDef()
    this.skipTexts()
    return { path, params, def }
  }

  typeDef(): TypeDef {
    const kind = this.u8()
    switch (kind) {
      case 0:
        return { kind: 'Composite', fields: this.fields() }
      case 1:
        return {
          kind: 'Variant',
          variants: this.list(() => ({
            name: this.text(),
            fields: this.fields(),
            index: this.u8(),
            docs: this.texts(),
          })),
        }
      case 2:
        return { kind: 'Sequence', type: this.id() }
      case 3:
        return { kind: 'Array', length: this.small(4, false), type: this.id() }
      case 4:
        return { kind: 'Tuple', types: this.list(() => this.id()) }
      case 5:
        return { kind: 'Primitive', name: nameAt(primitives, this.u8(), 'primitive') }
      case 6:
        return { kind: 'Compact', type: this.id() }
      case 7:
        this.id()
        this.id()
        return { kind: 'BitSequence' }
      default:
        throw new RangeError(`kind ${kind} of type is unknown`)
    }
  }

  extension(): { identifier: string; type: TypeId } {
    const extension = { identifier: this.text(), type: this.id() }
    this.id()
    return extension
  }

  /** Name, inputs, output and docs. */
  skipMethod(): void {
    this.skipText()
    this.list(() => [this.skipText(), this.id()])
    this.id()
    this.skipTexts()
  }

  skipDeprecation(): void {
    const kind = this.u8()
    if (kind > 2) throw new RangeError(`deprecation ${kind} is unknown`)
    if (kind < 2) return
    this.skipText()
    this.option(() => this.skipText())
  }

  /** By the variant's index. */
  skipVariantDeprecations(): void {
    this.list(() => {
      this.u8()
      this.skipDeprecation()
    })
  }
}
