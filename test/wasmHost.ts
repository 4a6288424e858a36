import { readFileSync } from 'node:fs'
import { xxhashAsU8a } from '@polkadot/util-crypto'
import wabt from 'wabt'

const wabtModule = await wabt()

/** Assembles WebAssembly text; names go into the name section. */
export function assemble(text: string): Uint8Array {
  const module = wabtModule.parseWat('fixture.wat', text)
  try {
    return module.toBinary({ write_debug_names: true }).buffer
  } finally {
    module.destroy()
  }
}

/** The fixture of harness/runtime/fixtures, as text to vary. */
export function runtimeText(): string {
  return readFileSync(new URL('../harness/runtime/fixtures/runtime.wat', import.meta.url), 'utf8')
}

interface WasmInstance {
  readonly exports: Record<string, (...args: (number | bigint)[]) => number | bigint | undefined>
}

interface WasmMemory {
  readonly buffer: ArrayBuffer
}

/** TypeScript declares these with the DOM only. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (limits: { initial: number }) => WasmMemory
    Module: new (bytes: Uint8Array) => object
    Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => WasmInstance
  }
}

const scalarItem = (item: string) => [...xxhashAsU8a('SubtensorModule', 128), ...xxhashAsU8a(item, 128)]

/** Storage key of SubtensorModule, hexadecimal; u16 arguments hashed by Identity. */
export function subtensorKey(item: string, ...args: readonly number[]): string {
  return Buffer.from([...scalarItem(item), ...args.flatMap((arg) => [arg & 0xff, arg >> 8])]).toString('hex')
}

/** An instance with a memory, a storage and an allocator, all seen from outside. */
export interface WasmHost {
  readonly call: (name: string, ...args: (number | bigint)[]) => number | bigint | undefined
  readonly view: () => DataView
  /** Storage by hexadecimal key. */
  readonly storage: Map<string, Uint8Array>
  /** Keys in the order asked for. */
  readonly asked: string[]
  /** Allocations not freed. */
  readonly live: Set<number>
  /** Lines that were logged. */
  readonly logged: string[]
  /** Copies bytes into fresh memory and returns the address. */
  readonly place: (bytes: Uint8Array) => number
}

const firstFreeAddress = 131_072

export function openHost(wasm: Uint8Array): WasmHost {
  const memory = new WebAssembly.Memory({ initial: 64 })
  const storage = new Map<string, Uint8Array>()
  const asked: string[] = []
  const live = new Set<number>()
  const logged: string[] = []
  let free = firstFreeAddress
  const bytesAt = (address: number, length: number) => new Uint8Array(memory.buffer, address, length)
  const place = (bytes: Uint8Array) => {
    const address = free
    bytesAt(address, bytes.length).set(bytes)
    free += bytes.length + 8
    return address
  }
  const slice = (packed: bigint) => {
    const unsigned = BigInt.asUintN(64, packed)
    return Buffer.from(bytesAt(Number(unsigned & 0xffffffffn), Number(unsigned >> 32n)))
  }
  const getStorage = (packed: bigint) => {
    const key = slice(packed).toString('hex')
    asked.push(key)
    const value = storage.get(key)
    const encoded = value === undefined ? Uint8Array.of(0) : Uint8Array.of(1, ...compactLength(value.length), ...value)
    const address = place(encoded)
    live.add(address)
    return BigInt(address) | (BigInt(encoded.length) << 32n)
  }
  const freeAllocation = (address: number) => {
    if (!live.delete(address)) throw new Error(`freed ${address}, which is not allocated`)
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
    env: {
      memory,
      ext_storage_get_version_1: getStorage,
      ext_allocator_free_version_1: freeAllocation,
      ext_unrelated_version_1: () => undefined,
      ext_storage_set_version_1: (key: bigint, value: bigint) => {
        storage.set(slice(key).toString('hex'), Uint8Array.from(slice(value)))
      },
      ext_logging_log_version_1: (_level: number, target: bigint, message: bigint) => {
        logged.push(`${slice(target).toString()}: ${slice(message).toString()}`)
      },
      ext_storage_start_transaction_version_1: () => undefined,
      ext_storage_commit_transaction_version_1: () => undefined,
      ext_storage_rollback_transaction_version_1: () => undefined,
    },
  })
  return {
    call: (name, ...args) => {
      const found = instance.exports[name]
      if (found === undefined) throw new Error(`no export ${name}`)
      return found(...args)
    },
    view: () => new DataView(memory.buffer),
    storage,
    asked,
    live,
    logged,
    place,
  }
}

/** Header of a Rust vector: capacity, pointer, length. */
export function writeVecHeader(host: WasmHost, address: number, pointer: number, length: number): void {
  host.view().setUint32(address, length, true)
  host.view().setUint32(address + 4, pointer, true)
  host.view().setUint32(address + 8, length, true)
}

/** I64F64 bits, 16 bytes an element. */
export function stakeBytes(bits: readonly bigint[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(bits.length * 16))
  bits.forEach((value, uid) => {
    bytes.setBigUint64(uid * 16, BigInt.asUintN(64, value), true)
    bytes.setBigInt64(uid * 16 + 8, value >> 64n, true)
  })
  return new Uint8Array(bytes.buffer)
}

export function readStakes(host: WasmHost, address: number, count: number): bigint[] {
  return Array.from({ length: count }, (_, uid) => {
    const at = address + uid * 16
    return (host.view().getBigInt64(at + 8, true) << 64n) | host.view().getBigUint64(at, true)
  })
}

/** What an epoch pays one hotkey. */
export interface RewardRow {
  readonly hotkey: number
  readonly server: bigint
  readonly validator: bigint
}

/** 48 bytes a row; a hotkey is 32 times its byte. */
export function rewardBytes(rows: readonly RewardRow[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(rows.length * 48))
  rows.forEach(({ hotkey, server, validator }, row) => {
    new Uint8Array(bytes.buffer, row * 48, 32).fill(hotkey)
    bytes.setBigUint64(row * 48 + 32, server, true)
    bytes.setBigUint64(row * 48 + 40, validator, true)
  })
  return new Uint8Array(bytes.buffer)
}

export function readRewards(host: WasmHost, address: number, count: number): RewardRow[] {
  return Array.from({ length: count }, (_, row) => {
    const at = address + row * 48
    const view = host.view()
    return {
      hotkey: view.getUint8(at),
      server: view.getBigUint64(at + 32, true),
      validator: view.getBigUint64(at + 40, true),
    }
  })
}

/** SCALE vector of u16 or, with `bytes` 1, of booleans. */
export function scaleVector(values: readonly number[], bytes: 1 | 2): Uint8Array {
  const elements = values.flatMap((value) => (bytes === 1 ? [value] : [value & 0xff, value >> 8]))
  return Uint8Array.from([...compactLength(values.length), ...elements])
}

/** SCALE compact integer below 2^30. */
function compactLength(length: number): number[] {
  if (length < 64) return [length << 2]
  if (length < 16_384) return [((length << 2) | 1) & 0xff, length >> 6]
  return [((length << 2) | 2) & 0xff, (length >> 6) & 0xff, (length >> 14) & 0xff, length >> 22]
}
