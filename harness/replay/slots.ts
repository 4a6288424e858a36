import { blake2AsHex } from '../fork/polkadotPackages.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'

/** How a chain divides time: which consensus' digest its headers carry, and the slot of a block. One slot a block: none is missed. */
export interface Slots {
  readonly consensus: 'aura' | 'babe'
  readonly durationMs: bigint
  /** Slot of the fork's head. */
  readonly headSlot: bigint
  /** Babe: who authors a secondary slot (0 to `authorities` - 1) follows from them. */
  readonly babe: { readonly authorities: number; readonly randomness: Hex } | undefined
}

type Read = (keys: readonly Hex[]) => Promise<readonly (Hex | null)[]>
/** A runtime API that only states constants. */
type Call = (fn: string) => Promise<{ readonly result: Hex }>

/** The slots of a runtime that declares AuraApi or BabeApi; `undefined` for one without. With both (a chain that changes from one to
 *  the other), Babe's once it has authorities.
 *  @param read of the fork's state */
export async function slotsOf(codec: StorageCodec, call: Call, read: Read): Promise<Slots | undefined> {
  const item = async (pallet: string, name: string): Promise<unknown> => {
    if (!codec.has(pallet, name)) return undefined
    const [value = null] = await read([codec.key(pallet, name)])
    return codec.decode(pallet, name, value)
  }
  const apis = declaredApis(codec)
  const babeAuthorities = apis.has(apiId('BabeApi')) ? await item('Babe', 'Authorities') : undefined
  const authorities = Array.isArray(babeAuthorities) ? babeAuthorities.length : 0
  const hasAura = apis.has(apiId('AuraApi'))
  const consensus =
    authorities > 0 || (babeAuthorities !== undefined && !hasAura) ? 'babe' : hasAura ? 'aura' : undefined
  if (consensus === undefined) return undefined
  // Both answers begin with the duration, u64: Babe's configuration with it alone of what matters here.
  const { result } = await call(consensus === 'babe' ? 'BabeApi_configuration' : 'AuraApi_slot_duration')
  const durationMs = u64(result)
  const current = integer(await item(consensus === 'babe' ? 'Babe' : 'Aura', 'CurrentSlot'))
  const now = integer(await item('Timestamp', 'Now'))
  const byTime = durationMs === 0n ? 0n : now / durationMs
  const randomness = consensus === 'babe' ? await item('Babe', 'Randomness') : undefined
  return {
    consensus,
    durationMs,
    headSlot: current > byTime ? current : byTime,
    babe: consensus === 'babe' ? { authorities, randomness: String(randomness ?? '0x') as Hex } : undefined,
  }
}

/** SCALE digest of a header: one pre-runtime item with the slot. Babe's is a secondary plain one of the author whose turn it is: it
 *  needs no VRF proof. There is no seal: nobody signs. */
export function slotDigest({ consensus, babe }: Slots, slot: bigint): Hex {
  const slotBytes = littleEndian(slot, 8)
  const data = babe === undefined ? slotBytes : `02${littleEndian(secondaryAuthor(babe, slotBytes), 4)}${slotBytes}`
  const engine = Buffer.from(consensus === 'babe' ? 'BABE' : 'aura').toString('hex')
  return `0x0406${engine}${((data.length / 2) << 2).toString(16).padStart(2, '0')}${data}`
}

/** SCALE inherent data of a block: timestamp and slot, ascending by identifier. */
export function slotInherents({ consensus, durationMs }: Slots, slot: bigint): Hex {
  const entry = (identifier: string, value: bigint) =>
    `${Buffer.from(identifier).toString('hex')}20${littleEndian(value, 8)}`
  return `0x08${entry(`${consensus}slot`, slot)}${entry('timstap0', slot * durationMs)}`
}

/** blake2_256(randomness ++ slot), big-endian, modulo the authorities. */
function secondaryAuthor({ authorities, randomness }: NonNullable<Slots['babe']>, slotBytes: string): bigint {
  if (authorities === 0) return 0n
  const seed: Hex = `${randomness}${slotBytes}`
  return BigInt(blake2AsHex(Buffer.from(seed.slice(2), 'hex'), 256)) % BigInt(authorities)
}

const apiId = (name: string): string => blake2AsHex(name, 64)

/** Identifiers of the runtime APIs that the runtime says it has. */
function declaredApis(codec: StorageCodec): ReadonlySet<unknown> {
  const { apis } = codec.constant('System', 'Version') as {
    apis?: readonly (readonly [id: unknown, version: unknown])[]
  }
  return new Set(Array.isArray(apis) ? apis.map((api: readonly unknown[]) => api[0]) : [])
}

const integer = (value: unknown): bigint =>
  typeof value === 'bigint' ? value : typeof value === 'number' ? BigInt(value) : 0n

function u64(raw: Hex): bigint {
  const bytes = Buffer.from(raw.slice(2), 'hex')
  return bytes.length < 8 ? 0n : bytes.readBigUInt64LE()
}

function littleEndian(value: bigint, bytes: number): string {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(BigInt.asUintN(64, value))
  return buffer.subarray(0, bytes).toString('hex')
}
