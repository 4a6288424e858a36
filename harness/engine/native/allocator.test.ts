import { beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Allocator } from './allocator.js'
import { GuestTrap, LimitExceeded } from './guestFault.js'
import { GuestMemory } from './guestMemory.js'
import { pageBytes, wasm, type WasmMemory } from './webassembly.js'

let raw: WasmMemory
let memory: GuestMemory
let heap: Allocator

beforeEach(() => {
  raw = new wasm.Memory({ initial: 1, maximum: 1_024 })
  memory = new GuestMemory(64 * pageBytes)
  memory.attach(raw)
  heap = new Allocator(memory)
  heap.reset(0)
})

describe('the pointers of Substrate', () => {
  it('puts the first block after its header', () => {
    expect(heap.malloc(1)).toBe(8)
  })

  it('aligns a heap base that is not aligned', () => {
    heap.reset(13)
    expect(heap.malloc(1)).toBe(24)
  })

  it('gives each block its size class and a header', () => {
    expect([heap.malloc(1), heap.malloc(9), heap.malloc(1)]).toEqual([8, 24, 48])
  })

  it('gives nothing its own smallest block', () => {
    expect([heap.malloc(0), heap.malloc(0)]).toEqual([8, 24])
  })

  it('reuses what was freed last, of the same class only', () => {
    const [a, b] = [heap.malloc(8), heap.malloc(8)]
    heap.free(a)
    heap.free(b)
    expect([heap.malloc(9), heap.malloc(8), heap.malloc(1), heap.malloc(8)]).toEqual([40, b, a, 64])
  })

  it('writes order and mark before a block, and the link when it is free', () => {
    const pointer = heap.malloc(33)
    const other = heap.malloc(64)
    const header = (at: number): number[] => [...memory.words.subarray(at / 4 - 2, at / 4)]
    expect(header(pointer)).toEqual([3, 1])
    heap.free(pointer)
    expect(header(pointer)).toEqual([0xffff_ffff, 0])
    heap.free(other)
    expect(header(other)).toEqual([pointer - 8, 0])
  })
})

describe('growth', () => {
  it('doubles the memory, or takes what is needed', () => {
    heap.malloc(60_000)
    expect(memory.bytes.length).toBe(2 * pageBytes)
    heap.malloc(1_000_000)
    expect(memory.bytes.length).toBe(18 * pageBytes)
    heap.malloc(1_000_000)
    expect(memory.bytes.length).toBe(36 * pageBytes)
  })

  it('stops at the limit, and small blocks still fit', () => {
    expect(() => heap.malloc(5_000_000)).toThrow(LimitExceeded)
    expect(heap.malloc(8)).toBe(8)
  })

  it('notices that the guest grew its memory itself', () => {
    heap.malloc(8)
    raw.grow(1)
    expect(heap.malloc(8)).toBe(24)
    expect(memory.bytes.length).toBe(2 * pageBytes)
    heap.free(24)
    raw.grow(1)
    expect(heap.malloc(8)).toBe(24)
  })
})

describe('what a hostile guest may try', () => {
  it.each([33_554_433, -1, -2_147_483_648])('refuses %d bytes at once', (size) => {
    expect(() => heap.malloc(size)).toThrow(GuestTrap)
  })

  it.each([0, 4, 12, 8 + pageBytes, -8, 0xffff_fff8])('refuses to free %d', (pointer) => {
    heap.malloc(8)
    expect(() => heap.free(pointer)).toThrow(GuestTrap)
  })

  it('refuses to free twice', () => {
    const pointer = heap.malloc(8)
    heap.free(pointer)
    expect(() => heap.free(pointer)).toThrow(GuestTrap)
  })

  it('refuses a free list that leads out of the memory or into a block in use', () => {
    const [a, b] = [heap.malloc(8), heap.malloc(8)]
    heap.free(a)
    memory.words[a / 4 - 2] = 0x7fff_fff0
    heap.malloc(8)
    expect(() => heap.malloc(8)).toThrow(GuestTrap)
    heap.reset(0)
    const c = heap.malloc(8)
    heap.free(c)
    memory.words[c / 4 - 2] = b - 8
    memory.words[b / 4 - 1] = 1
    heap.malloc(8)
    expect(() => heap.malloc(8)).toThrow(GuestTrap)
  })

  it('gives nothing before the heap is known', () => {
    heap.reset(undefined)
    expect(() => heap.malloc(8)).toThrow(GuestTrap)
  })
})

it('never hands out overlapping blocks', () => {
  const step = fc.oneof(fc.nat(5_000), fc.constant('free' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      heap.reset(1_000)
      const live = new Map<number, number>()
      for (const size of steps) {
        if (size === 'free') {
          const [pointer] = live.keys()
          if (pointer === undefined) continue
          heap.free(pointer)
          live.delete(pointer)
        } else {
          const pointer = heap.malloc(size)
          expect(pointer % 8).toBe(0)
          for (const [other, length] of live)
            expect(pointer + size <= other - 8 || other + length <= pointer - 8).toBe(true)
          live.set(pointer, size)
        }
      }
    }),
  )
})
