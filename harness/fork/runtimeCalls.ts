import type { Si1Variant } from '@polkadot/types/interfaces'
import { blake2AsU8a, ed25519PairFromSeed, ed25519Sign } from './polkadotPackages.js'
import type { Hex } from './forkState.js'
import { compact, ScaleReader, scaleTypes, type ScaleType } from './scaleType.js'
import { readMetadata } from './storageCodec.js'

/** A call as the metadata spells it. */
export interface RuntimeCall {
  readonly pallet: string
  readonly call: string
  /** Names of its arguments. */
  readonly args: readonly string[]
}

/** What the chain has to know of a signature besides the call. */
interface SignedState {
  readonly nonce: number
  readonly genesisHash: Hex
  readonly specVersion: number
  readonly transactionVersion: number
}

/** A key pair of this program: what it signs is signed, not mocked. */
export interface Signer {
  readonly publicKey: Hex
  sign(message: Uint8Array): Hex
}

/** Calls, signed extrinsics and errors of one runtime, by its metadata. Values as `StorageCodec` documents them. */
export interface RuntimeCalls {
  /** Every call, "Pallet.call". */
  names(): readonly string[]
  /** By name in snake or camel case, any capitals; `undefined` when the runtime has none. */
  find(name: string): RuntimeCall | undefined
  /** @throws TypeError or RangeError when the arguments are not of the call's types */
  encode(call: RuntimeCall, args: Readonly<Record<string, unknown>>): Uint8Array
  /** Arguments of an encoded call, by name. */
  decode(call: RuntimeCall, encoded: Uint8Array): Readonly<Record<string, unknown>>
  /** A signed extrinsic as `BlockBuilder_apply_extrinsic` takes it: version 4, immortal, no tip.
   *  @throws RangeError when an extension of the runtime's extrinsics is not known */
  signed(call: Uint8Array, signer: Signer, state: SignedState): Hex
  /** Name and docs of a `DispatchError` as it is decoded from an event. */
  describeError(error: unknown): string
}

/** The same key in every run: a message is signed alike each time. */
export function signerOf(name: string): Signer {
  const { publicKey, secretKey } = ed25519PairFromSeed(blake2AsU8a(`epochdiff/signer/${name}`, 256))
  return {
    publicKey: hex(publicKey),
    sign: (message) => hex(ed25519Sign(message, { publicKey, secretKey })),
  }
}

const hex = (bytes: Uint8Array | readonly number[]): Hex => `0x${Buffer.from(bytes).toString('hex')}`
const plain = (name: string) => name.replaceAll('_', '').toLowerCase()
const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff)
const bytesOf = (value: Hex): number[] => [...Buffer.from(value.slice(2), 'hex')]

/** What an extension adds to a signed extrinsic, and what of the chain's state it has signed. */
interface Extension {
  readonly extra: readonly number[]
  readonly implicit: (state: SignedState) => readonly number[]
}

const nothing = (): readonly number[] => []
const genesis = ({ genesisHash }: SignedState): readonly number[] => bytesOf(genesisHash)
const immortal: Extension = { extra: [0], implicit: genesis }

/** The others must have nothing to say: their type is empty. */
const EXTENSIONS: Readonly<Record<string, Extension>> = {
  CheckSpecVersion: { extra: [], implicit: ({ specVersion }) => u32(specVersion) },
  CheckTxVersion: { extra: [], implicit: ({ transactionVersion }) => u32(transactionVersion) },
  CheckGenesis: { extra: [], implicit: genesis },
  CheckMortality: immortal,
  CheckEra: immortal,
  ChargeTransactionPayment: { extra: [0], implicit: nothing },
  ChargeAssetTxPayment: { extra: [0, 0], implicit: nothing },
  CheckMetadataHash: { extra: [0], implicit: () => [0] },
}

/** @param metadata as `createStorageCodec` takes it
 *  @throws E201 when it cannot be read */
export function createRuntimeCalls(metadata: Hex): RuntimeCalls {
  const { lookup, pallets, extrinsic } = readMetadata(metadata)
  const typeOf = scaleTypes(lookup)
  const located = new Map<string, { call: RuntimeCall; palletIndex: number; type: ScaleType }>()
  for (const pallet of pallets) {
    if (pallet.calls.isNone) continue
    const { type } = pallet.calls.unwrap()
    for (const { name, fields } of variantsOf(type)) {
      const args = fields.map((field, index) => field.name.unwrapOr(index).toString())
      const call = { pallet: pallet.name.toString(), call: name.toString(), args }
      located.set(`${plain(call.pallet)}.${plain(call.call)}`, {
        call,
        palletIndex: pallet.index.toNumber(),
        type: typeOf(type),
      })
    }
  }

  function variantsOf(type: Parameters<typeof typeOf>[0]): readonly Si1Variant[] {
    return [...lookup.getSiType(type).def.asVariant.variants]
  }

  const locate = (call: RuntimeCall) => {
    const found = located.get(`${plain(call.pallet)}.${plain(call.call)}`)
    if (found === undefined) throw new TypeError(`no call ${call.pallet}.${call.call}`)
    return found
  }

  const extension = (identifier: string, type: Parameters<typeof typeOf>[0], { nonce }: SignedState): Extension => {
    if (identifier === 'CheckNonce') {
      const extra: number[] = []
      typeOf(type).write(nonce, extra)
      return { extra, implicit: nothing }
    }
    const known = EXTENSIONS[identifier]
    if (known !== undefined) return known
    const extra: number[] = []
    try {
      typeOf(type).write(null, extra)
    } catch (cause) {
      throw new RangeError(`its extrinsics have the extension ${identifier}, which is not known here`, { cause })
    }
    return { extra, implicit: nothing }
  }

  return {
    names: () => [...located.values()].map(({ call }) => `${call.pallet}.${call.call}`),

    find: (name) => {
      const [pallet = '', call = ''] = name.split('.')
      return located.get(`${plain(pallet)}.${plain(call)}`)?.call
    },

    encode(call, args) {
      const { palletIndex, type } = locate(call)
      const named = Object.fromEntries(
        Object.entries(args).map(([name, value]) => [
          call.args.find((arg) => plain(arg) === plain(name)) ?? name,
          value,
        ]),
      )
      const [stray] = Object.keys(named)
      if (call.args.length === 0 && stray !== undefined)
        throw new TypeError(`it takes no arguments, "${stray}" is given`)
      const out: number[] = [palletIndex]
      type.write(call.args.length === 0 ? call.call : { [call.call]: named }, out)
      return Uint8Array.from(out)
    },

    decode(call, encoded) {
      const decoded = locate(call).type.read(new ScaleReader(encoded.subarray(1)))
      return typeof decoded === 'string' ? {} : (Object.values(decoded as object)[0] as Record<string, unknown>)
    },

    signed(call, signer, state) {
      const extensions = [...extrinsic.transactionExtensions].map(({ identifier, type }) =>
        extension(identifier.toString(), type, state),
      )
      const extra = extensions.flatMap((each) => each.extra)
      const payload = Uint8Array.from([...call, ...extra, ...extensions.flatMap((each) => each.implicit(state))])
      const signature = signer.sign(payload.length > 256 ? blake2AsU8a(payload, 256) : payload)
      const body: number[] = [0x84]
      typeOf(extrinsic.addressType).write(signer.publicKey, body)
      typeOf(extrinsic.signatureType).write({ Ed25519: signature }, body)
      const length: number[] = []
      compact.write(body.length + extra.length + call.length, length)
      return hex([...length, ...body, ...extra, ...call])
    },

    describeError(error) {
      const module = (error as { Module?: { index: number; error: Hex } } | null)?.Module
      if (module === undefined) {
        // `BadOrigin`, or a group and what of it: `Token.FundsUnavailable`.
        return typeof error === 'string'
          ? error
          : Object.entries(error as object)
              .flat()
              .map(String)
              .join('.')
      }
      const pallet = pallets.find(({ index }) => index.toNumber() === module.index)
      const at = Number.parseInt(module.error.slice(2, 4), 16)
      const variants = pallet?.errors.isSome === true ? variantsOf(pallet.errors.unwrap().type) : []
      const variant = variants.find(({ index }) => index.toNumber() === at)
      const docs = variant?.docs.map((line) => line.toString().trim()).filter((line) => line !== '') ?? []
      const name = `${pallet?.name.toString() ?? `pallet ${module.index}`}.${variant?.name.toString() ?? `error ${at}`}`
      return docs.length === 0 ? name : `${name} (${docs.join(' ').replace(/\.$/, '')})`
    },
  }
}
