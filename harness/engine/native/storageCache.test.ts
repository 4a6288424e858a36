import { beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { KnownState } from '../../fork/knownState.js'
import { openHost } from './executor.js'
import { GuestTrap, LimitExceeded } from './guestFault.js'
import { type GuestMemory, packSpan, spanLength, spanOffset } from './guestMemory.js'
import { hashes } from './hashes.js'
import type { HostContext } from './host/context.js'
import { storageFunctions } from './host/storage.js'
import { Overlay } from './overlay.js'
import { cachedHashes, regionPages, type StorageCache, type Writes } from './storageCache.js'
import { pageBytes } from './webassembly.js'

/** Where the heap begins behind a page of the runtime's own and the cache. */
const heapBase = (1 + regionPages) * pageBytes

type Functions = Readonly<Record<string, (...args: (number | bigint)[]) => unknown>>

let host: HostContext
let cache: StorageCache
let memory: GuestMemory
let functions: Functions

function begin(writes: Writes): void {
  host.storage.reset(writes)
  cache.begin(writes)
  cache.openHeap()
  functions = { ...storageFunctions(host), ...cache.functions } as Functions
}

function openOver(state: KnownState<Uint8Array>, pages = 64): void {
  host = openHost(state, 1, { memoryLimitBytes: pages * pageBytes, signatures: 'verify', logLevel: 'off' })
  ;({ cache, memory } = host)
  begin('dropped')
}

const call = (name: string, ...args: (number | bigint)[]): unknown => {
  const called = functions[`ext_${name}_version_1`]
  if (!called) throw new Error(`There is no ${name}.`)
  return called(...args)
}

beforeEach(() => openOver(new KnownState()))

describe('the heap of Substrate', () => {
  const malloc = (size: number): number => (call('allocator_malloc', size) as number) - heapBase
  const free = (pointer: number): unknown => call('allocator_free', heapBase + pointer)
  const words = (at: number): number[] => [...memory.words.subarray((heapBase + at) / 4, (heapBase + at) / 4 + 2)]
  const sizePages = (): number => {
    memory.refresh()
    return memory.bytes.length / pageBytes - regionPages
  }

  it('puts the first block after its header', () => {
    expect(malloc(1)).toBe(8)
  })

  it('gives each block its size class and a header', () => {
    expect([malloc(1), malloc(9), malloc(1)]).toEqual([8, 24, 48])
  })

  it('gives nothing its own smallest block', () => {
    expect([malloc(0), malloc(0)]).toEqual([8, 24])
  })

  it('reuses what was freed last, of the same class only', () => {
    const [a, b] = [malloc(8), malloc(8)]
    free(a)
    free(b)
    expect([malloc(9), malloc(8), malloc(1), malloc(8)]).toEqual([40, b, a, 64])
  })

  it('writes order and mark before a block, and the link when it is free', () => {
    const pointer = malloc(33)
    const other = malloc(64)
    memory.refresh()
    expect(words(pointer - 8)).toEqual([3, 1])
    free(pointer)
    expect(words(pointer - 8)).toEqual([0xffff_ffff, 0])
    free(other)
    expect(words(other - 8)).toEqual([heapBase + pointer - 8, 0])
  })

  it('doubles, or takes what is needed', () => {
    malloc(60_000)
    expect(sizePages()).toBe(3)
    malloc(1_000_000)
    expect(sizePages()).toBe(19)
    malloc(1_000_000)
    expect(sizePages()).toBe(37)
  })

  it('stops at the limit, and small blocks still fit', () => {
    expect(() => malloc(5_000_000)).toThrow(LimitExceeded)
    expect(malloc(8)).toBe(8)
  })

  it.each([33_554_433, -1, -2_147_483_648])('refuses %d bytes at once', (size) => {
    expect(() => malloc(size)).toThrow(new GuestTrap(`it asked for ${size >>> 0} bytes at once; 33554432 is the most`))
  })

  it.each([0, 4, 12, -8, 8 + pageBytes, 2 ** 29])('refuses to free what is no block: %d', (pointer) => {
    malloc(8)
    expect(() => free(pointer)).toThrow(GuestTrap)
  })

  it.each([0, -8, 0xffff_fff8])('refuses to free what is no block, wherever the heap begins: %d', (pointer) => {
    expect(() => call('allocator_free', pointer)).toThrow(GuestTrap)
  })

  it('goes on where the guest grew its memory itself', () => {
    const raw = cache.begin('dropped')
    cache.openHeap()
    expect(malloc(8)).toBe(8)
    raw.grow(1)
    expect(malloc(8)).toBe(24)
    const sizeBefore = sizePages()
    free(24)
    raw.grow(1)
    expect(malloc(8)).toBe(24)
    expect(sizePages()).toBe(sizeBefore + 1)
  })

  it('refuses to free twice', () => {
    const pointer = malloc(8)
    free(pointer)
    expect(() => free(pointer)).toThrow(GuestTrap)
  })

  it('refuses a free list that leads out of the memory or into a block in use', () => {
    const [a, b] = [malloc(8), malloc(8)]
    const wordOf = (at: number): number => (heapBase + at) / 4
    memory.refresh()
    free(a)
    memory.words[wordOf(a - 8)] = 0x7fff_fff0
    malloc(8)
    expect(() => malloc(8)).toThrow(GuestTrap)
    free(b)
    memory.words[wordOf(b - 8)] = heapBase + a - 8
    malloc(8)
    expect(() => malloc(8)).toThrow(GuestTrap)
  })

  it('gives nothing before it is open', () => {
    cache.begin('dropped')
    expect(() => malloc(8)).toThrow(GuestTrap)
  })

  it('never hands out overlapping blocks', () => {
    const step = fc.oneof(fc.nat(5_000), fc.constant('free' as const))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        cache.openHeap()
        const live = new Map<number, number>()
        for (const size of steps) {
          if (size === 'free') {
            const [pointer] = live.keys()
            if (pointer === undefined) continue
            free(pointer)
            live.delete(pointer)
          } else {
            const pointer = malloc(size)
            expect(pointer % 8).toBe(0)
            const isApart = ([other, length]: [number, number]) =>
              pointer + size <= other - 8 || other + length <= pointer - 8
            expect([...live].every(isApart)).toBe(true)
            live.set(pointer, size)
          }
        }
      }),
    )
  })
})

describe('the memory of a call', () => {
  it('is all zeros but for the cache, whatever the last one left there', () => {
    const pointer = call('allocator_malloc', 1_000) as number
    memory.refresh()
    memory.bytes.fill(7, 0, pageBytes)
    memory.bytes.fill(7, pointer, pointer + 1_000)
    begin('dropped')
    expect(memory.bytes.subarray(0, pageBytes).every((byte) => byte === 0)).toBe(true)
    expect(memory.bytes.subarray(heapBase).every((byte) => byte === 0)).toBe(true)
  })

  it('is left alone by the cache, outside its region', () => {
    memory.bytes.fill(7, 0, pageBytes)
    memory.bytes.set([1, 2, 3, 4, 5, 6, 7, 8, 9], 100)
    for (const length of [1, 7, 8, 9]) {
      call('storage_set', packSpan(100, length), packSpan(100, length))
      call('storage_get', packSpan(100, length))
      call('hashing_twox_128', packSpan(100, length))
    }
    cache.begin('committed')
    memory.bytes.fill(7, 0, pageBytes)
    for (const length of [1, 7, 8, 9]) call('storage_exists', packSpan(100, length))
    expect(memory.bytes.subarray(0, pageBytes).every((byte) => byte === 7)).toBe(true)
  })
})

/** Bytes in the memory, where the last ones were. */
function span(bytes: readonly number[] | Uint8Array, at = 64): bigint {
  memory.check(at, bytes.length)
  memory.bytes.set(bytes, at)
  return packSpan(at, bytes.length)
}

/** What an `Option<Vec<u8>>` in the memory holds. */
function valueAt(answer: unknown): number[] | undefined {
  const given = answer as bigint
  const bytes = [...memory.copyAt(spanOffset(given), spanLength(given))]
  if (bytes[0] === 0) return undefined
  const mode = (bytes[1] as number) & 3
  const head = mode === 0 ? 1 : mode === 1 ? 2 : 4
  const length = Number(Buffer.from(bytes.slice(1, 1 + head)).readUIntLE(0, head)) >>> 2
  expect(bytes).toHaveLength(1 + head + length)
  return bytes.slice(1 + head)
}

describe('hashes', () => {
  it.each(cachedHashes)('of %s are right, whatever was asked before', (name) => {
    // Few distinct bytes and lengths: many repeated and many nearly equal inputs.
    const input = fc.oneof(
      fc.array(fc.constantFrom(0, 1, 255), { maxLength: 9 }),
      fc.constantFrom(...[254, 255, 256, 1_000].map((length) => new Array<number>(length).fill(3))),
    )
    fc.assert(
      fc.property(input, fc.nat(7), (bytes, offset) => {
        cache.openHeap()
        const { hash, bytes: length } = hashes[name]
        const at = call(`hashing_${name}`, span(bytes, 100 + offset)) as number
        expect(memory.copyAt(at, length)).toEqual(Uint8Array.from(hash(Uint8Array.from(bytes))))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('values of the main trie', () => {
  it('differ when any byte of their keys does', () => {
    const key = new Array<number>(101).fill(7)
    const with8At = (at: number): number[] => key.map((byte, index) => (index === at ? 8 : byte))
    for (let at = 0; at < 101; at += 1) call('storage_set', span(with8At(at)), span([at], 512))
    call('storage_set', span(key), span([255], 512))
    for (let at = 0; at < 101; at += 1) expect(valueAt(call('storage_get', span(with8At(at))))).toEqual([at])
    expect(valueAt(call('storage_get', span(key)))).toEqual([255])
  })

  it('are asked for once', () => {
    const known = ['k', 'some key']
    const state = new KnownState<Uint8Array>(known.map((name) => [name, Uint8Array.of(5)]))
    openOver(state)
    let asked = 0
    const { storage } = host
    storage.read = (cell) => {
      asked += 1
      return Overlay.prototype.read.call(storage, cell)
    }
    for (const writes of ['dropped', 'committed', 'dropped'] as const) {
      for (const name of [...known, 'no such key', 'none']) {
        for (let round = 0; round < 3; round += 1)
          expect(valueAt(call('storage_get', span(Buffer.from(name))))).toEqual(known.includes(name) ? [5] : undefined)
      }
      begin(writes)
    }
    expect(asked).toBe(4)
  })

  it('stay right when there is no room for all of them', () => {
    openOver(new KnownState(), 2_000)
    const key = (index: number): bigint => span(Buffer.from(`key ${index}`))
    const value = (index: number): Uint8Array => new Uint8Array(4_000).fill(index % 251)
    // More than the cache holds.
    const keys = 7_000
    for (let index = 0; index < keys; index += 1) call('storage_set', key(index), span(value(index), 512))
    for (let index = 0; index < keys; index += 97) {
      cache.openHeap()
      expect(valueAt(call('storage_get', key(index)))).toEqual([...value(index)])
    }
    expect(host.storage.changes()).toHaveLength(keys)
  })

  const key = fc.oneof(
    fc.array(fc.constantFrom(1, 2), { minLength: 1, maxLength: 2 }),
    fc.constantFrom(...[7, 8, 9, 255, 256].map((length) => new Array<number>(length).fill(1))),
  )
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc.constantFrom(...[63, 64, 4_096, 4_097].map((length) => new Uint8Array(length).fill(9))),
  )
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('get' as const, 'exists' as const), key }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('set' as const, 'append' as const), key, value }) },
    fc.record({ kind: fc.constantFrom('remove' as const, 'clearPrefix' as const, 'next' as const), key }),
    fc.record({ kind: fc.constantFrom('start' as const, 'commit' as const, 'rollback' as const) }),
    fc.record({ kind: fc.constantFrom('drop' as const, 'keep' as const) }),
    fc.record({ kind: fc.constant('write' as const), key, value }),
  )

  it('are those of the same by plain means, whatever was done before', () => {
    const state = new KnownState<Uint8Array>()
    openOver(state)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        // What the cache remembers of the sequence before is wrong in this one.
        state.apply([...state.values.keys()].map((known) => [known, null]))
        begin('unknown')
        let committed = new Map<string, readonly number[]>()
        let stack = [new Map(committed)]
        const top = (): Map<string, readonly number[]> => stack.at(-1) as Map<string, readonly number[]>
        const again = (): void => {
          stack = [new Map(committed)]
        }
        for (const at of steps) {
          const name = 'key' in at ? String.fromCharCode(...at.key) : ''
          const known = top().get(name)
          switch (at.kind) {
            case 'get':
              cache.openHeap()
              expect(valueAt(call('storage_get', span(at.key)))).toEqual(known)
              break
            case 'exists':
              expect(call('storage_exists', span(at.key))).toBe(known ? 1 : 0)
              break
            case 'set':
              call('storage_set', span(at.key), span(at.value, 1_024))
              top().set(name, [...at.value])
              break
            case 'append': {
              // What is no list of single bytes becomes one.
              const list =
                known && known.length > 0 && (known[0] as number) % 4 === 0 && known[0] === (known.length - 1) * 4
              if (known && known.length > 0 && !list) break
              call('storage_append', span(at.key), span([3], 1_024))
              top().set(name, [((list ? known.length - 1 : 0) + 1) * 4, ...(list ? known.slice(1) : []), 3])
              break
            }
            case 'remove':
              call('storage_clear', span(at.key))
              top().delete(name)
              break
            case 'clearPrefix':
              call('storage_clear_prefix', span(at.key))
              for (const each of [...top().keys()]) if (each.startsWith(name)) top().delete(each)
              break
            case 'next': {
              cache.openHeap()
              const next = [...top().keys()].sort().find((each) => each > name)
              const found = valueAt(call('storage_next_key', span(at.key)))
              expect(found && String.fromCharCode(...found)).toBe(next)
              break
            }
            case 'start':
              call('storage_start_transaction')
              stack.push(new Map(top()))
              break
            case 'commit':
            case 'rollback':
              if (stack.length === 1) break
              call(`storage_${at.kind}_transaction`)
              if (at.kind === 'commit') stack.splice(-2, 1)
              else stack.pop()
              break
            case 'drop':
              begin('dropped')
              again()
              break
            case 'keep': {
              // Open transactions do not count.
              if (host.storage.depth > 0) cache.forgetValues()
              const changes = host.storage.changes()
              committed = new Map(stack[0])
              state.apply(changes)
              begin('committed')
              again()
              break
            }
            case 'write':
              state.apply([[name, at.value]])
              begin('unknown')
              committed.set(name, [...at.value])
              again()
          }
        }
      }),
      { numRuns: 600 },
    )
  })
})
