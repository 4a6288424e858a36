import { loadPrebuilt } from '../../runtime/prebuilt.js'
import { GuestTrap, LimitExceeded } from './guestFault.js'
import type { GuestMemory } from './guestMemory.js'
import { pageBytes, wasm, type WasmMemory, type WasmModule } from './webassembly.js'

/** Between the runtime's data and its heap lies what the cache knows: room for some eighty thousand keys. Pages that were not used take no memory. */
export const regionPages = (24 * 2 ** 20) / pageBytes

/** The most that a memory may have, for a runtime that may have so many bytes. */
export function mostPages(limitBytes: number): number {
  return Math.floor(limitBytes / pageBytes) + regionPages
}

/** A runtime that used no more has its memory cleared for the next call. A new one costs more, and loses the cache. */
const keptBytes = 2 ** 26

/** What the cache asks for where it does not know. `id` is a key's number, the same for the same key until all are forgotten, or
 *  `noId`; `entry` is the key's place in the cache, 0 for none. */
export interface CacheSource {
  forgotten(): void
  get(id: number, entry: number, key: bigint): bigint
  exists(id: number, entry: number, key: bigint): number
  read(id: number, key: bigint, out: bigint, offset: number): bigint
  set(id: number, keyAt: number, keyLength: number, valueAt: number, valueLength: number): void
  clear(id: number, keyAt: number, keyLength: number): void
  append(id: number, key: bigint, item: bigint): void
  next_key(id: number, key: bigint): bigint
  /** @param kind 1 is the first of `cachedHashes` */
  hash(kind: number, entry: number, data: bigint): number
}

/** By the numbers that runtime-patches/storage-cache/src/hashing.rs gives them. */
export const cachedHashes = ['twox_64', 'twox_128', 'blake2_128', 'blake2_256'] as const

/** As runtime-patches/storage-cache exports it; beside these, the host functions that it takes over. */
interface CacheExports {
  open_region(end: number): void
  open_heap(base: number, limitPages: number): void
  heap_end(): number
  begin_call(kept: 0 | 1): void
  forget_values(): void
  learn(entry: number, length: number, written: 0 | 1): number
  learn_hash(entry: number, at: number, length: number): void
  ext_allocator_malloc_version_1(size: number): number
}

/** What the last call's writes became. */
export type Writes = 'dropped' | 'committed' | 'unknown'

let compiled: WasmModule | undefined

function cacheModule(): WasmModule {
  return (compiled ??= new wasm.Module(loadPrebuilt('storage_cache').wasm))
}

/** Names of the host functions that the cache takes over. */
export function cachedFunctionNames(): string[] {
  return wasm.Module.exports(cacheModule())
    .map(({ name }) => name)
    .filter((name) => name.startsWith('ext_'))
}

/** The runtime's memory, with the heap and the storage cache that lie in it: runtime-patches/storage-cache beside the runtime. */
export class StorageCache {
  readonly #initialPages: number
  readonly #regionEnd: number
  readonly #maximum: number
  #memory: WasmMemory | undefined
  #exports: CacheExports | undefined
  #functions: Readonly<Record<string, unknown>> = {}

  /** @param initialPages of the runtime's data
   *  @param limitBytes that the runtime may have
   *  @param source asked from the first call on */
  constructor(
    readonly memory: GuestMemory,
    initialPages: number,
    readonly limitBytes: number,
    readonly source: () => CacheSource,
  ) {
    this.#initialPages = initialPages
    this.#regionEnd = (initialPages + regionPages) * pageBytes
    this.#maximum = mostPages(limitBytes)
  }

  /** All zeros but for the cache, for a call that begins; its heap is closed. */
  begin(writes: Writes): WasmMemory {
    if (!this.#clear()) this.#open()
    const [memory, exports] = [this.#memory as WasmMemory, this.#exports as CacheExports]
    if (writes === 'unknown') exports.forget_values()
    exports.begin_call(writes === 'committed' ? 1 : 0)
    exports.open_heap(this.#regionEnd, 0)
    return memory
  }

  openHeap(): void {
    this.#cache.open_heap(this.#regionEnd, this.#maximum)
  }

  /** After a call that failed nothing that lies in the memory can be relied on. */
  discard(): void {
    this.#memory = undefined
    this.#exports = undefined
  }

  /** Host functions by name: other ones with every new memory. */
  get functions(): Readonly<Record<string, unknown>> {
    return this.#functions
  }

  /** @returns offset of at least `size` bytes, 8-byte aligned
   *  @throws GuestTrap for more than 32 MiB or a broken header, LimitExceeded when the memory may grow no further */
  malloc(size: number): number {
    const offset = this.#cache.ext_allocator_malloc_version_1(size) >>> 0
    // It grew: the older views are detached.
    if (this.memory.bytes.length === 0) this.memory.refresh()
    return offset
  }

  /** Takes up a value of the key at `entry`.
   *  @param written by this call */
  learn(entry: number, value: Uint8Array | undefined, written: boolean): void {
    if (entry === 0) return
    const at = this.#cache.learn(entry, value?.length ?? -1, written ? 1 : 0)
    if (at !== 0 && value) this.memory.write(at >>> 0, value)
  }

  /** Takes up a hash that lies in the memory. */
  learnHash(entry: number, offset: number, length: number): void {
    if (entry !== 0) this.#cache.learn_hash(entry, offset, length)
  }

  /** Any value may be another now. */
  forgetValues(): void {
    this.#cache.forget_values()
  }

  get #cache(): CacheExports {
    if (!this.#exports) throw new GuestTrap('it called the host before its memory was given')
    return this.#exports
  }

  /** Whether the memory of the last call serves for another, with zeros where it was used. */
  #clear(): boolean {
    if (!this.#memory || !this.#exports) return false
    const { buffer } = this.#memory
    const used = (this.#exports.heap_end() >>> 0) - this.#regionEnd
    // The runtime can write where the heap's end stands.
    if (used < 0 || used > keptBytes || this.#regionEnd + used > buffer.byteLength) return false
    new Uint8Array(buffer, 0, this.#initialPages * pageBytes).fill(0)
    new Uint8Array(buffer, this.#regionEnd, used).fill(0)
    this.memory.refresh()
    return true
  }

  #open(): void {
    const source = this.source()
    source.forgotten()
    const memory = new wasm.Memory({ initial: this.#initialPages + regionPages, maximum: this.#maximum })
    const regionStart = this.#initialPages * pageBytes
    const host = { ...source, region: constant(regionStart), fault: this.#fault }
    const { exports } = new wasm.Instance(cacheModule(), { env: { memory }, host })
    this.#memory = memory
    this.#exports = exports as unknown as CacheExports
    this.#functions = Object.fromEntries(cachedFunctionNames().map((name) => [name, exports[name]]))
    this.#exports.open_region(this.#regionEnd)
    this.memory.attach(memory)
  }

  /** Codes as in runtime-patches/storage-cache/src/host.rs. */
  readonly #fault = (code: number, detail: number): never => {
    const at = detail >>> 0
    const faults = [
      `it asked for ${at} bytes at once; 33554432 is the most`,
      'it asked for memory before its heap was known',
      'it wrote over the header of a free block',
      `it freed ${at}, which is no block`,
      `it freed ${at}, which is no block in use`,
    ]
    const reason = faults[code]
    throw reason === undefined ? new LimitExceeded(this.limitBytes) : new GuestTrap(reason)
  }
}

/** A wasm function that returns a number: a call of it costs nothing to speak of, one of JavaScript does. */
function constant(value: number): unknown {
  const bytes = [0x41, ...signedLeb(value), 0x0b]
  const module = [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[1, 5, 1, 0x60, 0, 1, 0x7f], // one type: () -> i32
    ...[3, 2, 1, 0], // one function of it
    ...[7, 5, 1, 1, 0x63, 0, 0], // exported as c
    ...[10, bytes.length + 3, 1, bytes.length + 1, 0, ...bytes],
  ]
  return new wasm.Instance(new wasm.Module(Uint8Array.from(module)), {}).exports['c']
}

function signedLeb(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7) {
    const low = rest & 0x7f
    const last = (rest >> 7 === 0 && low < 0x40) || (rest >> 7 === -1 && low >= 0x40)
    bytes.push(last ? low : low | 0x80)
    if (last) return bytes
  }
}
