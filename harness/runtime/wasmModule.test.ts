import { describe, expect, it } from '@jest/globals'
import { assemble, runtimeText } from '../../test/wasmHost.js'
import { describeFunctionType, relocateBody, visitBody, type IndexSpace } from './instructions.js'
import { loadPrebuilt } from './prebuilt.js'
import { rustPath } from './rustSymbol.js'
import { concatBytes, encodeS32, encodeU32, WasmReader } from './wasmBytes.js'
import { isValidWasm, parseWasm, writeWasm } from './wasmModule.js'

describe('integers', () => {
  it.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [0xffff_ffff, 'ffffffff0f'],
  ])('u32 %i', (value, hex) => {
    expect(Buffer.from(encodeU32(value)).toString('hex')).toBe(hex)
    expect(new WasmReader(encodeU32(value), 'it').u32()).toBe(value)
  })

  it.each([
    [0, '00'],
    [63, '3f'],
    [64, 'c000'],
    [-1, '7f'],
    [-64, '40'],
    [-65, 'bf7f'],
    [1_000_000_000, '8094ebdc03'],
    [-0x8000_0000, '8080808078'],
  ])('s32 %i', (value, hex) => {
    expect(Buffer.from(encodeS32(value)).toString('hex')).toBe(hex)
  })

  it('of more bits, or cut off, are refused', () => {
    for (const hex of ['ffffffff1f', '808080808000', '80', '']) {
      expect(() => new WasmReader(Buffer.from(hex, 'hex'), 'It').u32()).toThrow(/E302: It /)
    }
  })
})

describe('parseWasm', () => {
  it('reads what the weaver needs', () => {
    const module = parseWasm(assemble(runtimeText()), 'runtime')
    expect(module.functionImports.map(({ name }) => name)).toEqual([
      'ext_unrelated_version_1',
      'ext_storage_get_version_1',
      'ext_allocator_free_version_1',
      'ext_storage_set_version_1',
      'ext_logging_log_version_1',
      'ext_storage_start_transaction_version_1',
      'ext_storage_commit_transaction_version_1',
      'ext_storage_rollback_transaction_version_1',
    ])
    expect(module.memories).toEqual([{ imported: { module: 'env', name: 'memory' }, ordinary: true }])
    expect(module.globals).toEqual([
      { valueType: 0x7f, mutable: true, imported: false },
      { valueType: 0x7f, mutable: false, imported: false },
    ])
    expect(module.globalNames.get(0)).toBe('__stack_pointer')
    expect([...module.functionExports.keys()]).toEqual([
      'run_epoch',
      'run_stake_weights',
      'ask_stake_weights',
      'use_table',
      'stack_pointer',
    ])
    const inTable = [...module.referencedFunctions].map((index) => module.functionNames.get(index))
    expect(inTable).toEqual(['in_table'])
    const epoch = [...module.functionNames].find(([, name]) => rustPath(name)?.at(-1) === 'epoch')?.[0] ?? -1
    const type = module.types[module.functions[epoch] ?? -1]
    expect(type && describeFunctionType(type)).toBe('(i32, i32, i64) -> ()')
  })

  it('writes back the same bytes', () => {
    for (const wasm of [assemble(runtimeText()), loadPrebuilt('patch_module').wasm]) {
      expect(Buffer.compare(writeWasm(parseWasm(wasm, 'it').sections), wasm)).toBe(0)
    }
  })

  it('reads the Rust names that the compiler in use makes', () => {
    const module = parseWasm(loadPrebuilt('patch_module').wasm, 'patch module')
    const paths = [...module.functionNames.values()].filter((name) => /^_(R|ZN)/.test(name)).map(rustPath)
    expect(paths).toContainEqual(['patch_module', 'storage', 'uid_count'])
    expect(paths).not.toContain(undefined)
  })
})

/** One instruction or block of each kind that a compiler emits for these runtimes, and more. */
const everyKind = `(module
  (type $none (func)) (type $pair (func (param i32) (result i32 i64)))
  (memory 1) (table $t 4 4 funcref) (data $d "x") (elem $e func $callee)
  (global $g (mut i64) (i64.const -9223372036854775808))
  (func $callee (param i32) (result i32) (local.get 0))
  (func $all (param i32 i64 f32 f64) (local i32 i32 funcref)
    (block (loop (br_if 1 (local.get 0)) (br 0)))
    (drop (if (result i32) (local.get 0) (then (i32.const -1)) (else (i32.const 2147483647))))
    (local.get 0) (block (type $pair) (i64.const -1)) (drop) (drop)
    (block (block (block (br_table 0 1 2 (local.get 0)))))
    (drop (call $callee (i32.const 64)))
    (call_indirect (type $none) (i32.const 0))
    (drop (select (local.get 0) (local.get 0) (local.get 0)))
    (local.set 6 (select (result funcref) (ref.null func) (ref.func $callee) (ref.is_null (ref.null func))))
    (global.set $g (i64.add (global.get $g) (i64.const 9223372036854775807)))
    (table.set $t (i32.const 0) (table.get $t (i32.const 1)))
    (drop (memory.grow (memory.size)))
    (i64.store offset=4294967295 align=1 (local.tee 4 (local.get 0)) (i64.load32_s offset=8 (local.get 0)))
    (drop (f32.add (f32.const 1.5) (local.get 2)))
    (drop (f64.mul (f64.const -0) (local.get 3)))
    (drop (i32.extend8_s (i32.trunc_sat_f64_u (local.get 3))))
    (drop (i64.extend32_s (i64.trunc_sat_f32_s (local.get 2))))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $d)
    (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
    (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop $e)
    (table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 0)) (drop (table.grow $t (ref.null func) (i32.const 0)))
    (drop (table.size $t)) (table.fill $t (i32.const 0) (ref.null func) (i32.const 0))
    (nop) (return) (unreachable)))`

describe('instructions', () => {
  const wasm = assemble(everyKind)
  const body = () => new WasmReader(parseWasm(wasm, 'it').bodies[1]?.content ?? new Uint8Array(), 'It')

  it('of every kind are read to the end, with the indices they hold', () => {
    expect(isValidWasm(wasm)).toBe(true)
    const seen = new Map<IndexSpace, number>()
    visitBody(body(), (space) => {
      seen.set(space, (seen.get(space) ?? 0) + 1)
    })
    expect(Object.fromEntries(seen)).toEqual({
      type: 2,
      function: 2,
      table: 9,
      global: 2,
      memory: 6,
      data: 2,
      element: 2,
    })
  })

  it('stay the same when relocated to the same indices', () => {
    const original = body()
    expect(relocateBody(body(), (_, index) => index)).toEqual(original.bytes.subarray(0, original.end))
  })

  it('hold new indices of any size after relocation', () => {
    const moved = relocateBody(body(), (_, index) => index + 1_000_000)
    const indices: number[] = []
    visitBody(new WasmReader(moved, 'It'), (_, index) => indices.push(index))
    const before: number[] = []
    visitBody(body(), (_, index) => before.push(index))
    expect(indices).toEqual(before.map((index) => index + 1_000_000))
  })

  it('keep a block of type 64 readable: a signed index', () => {
    const block = Uint8Array.of(0, 0x02, 0, 0x0b, 0x0b)
    expect(Buffer.from(relocateBody(new WasmReader(block, 'It'), () => 64)).toString('hex')).toBe('0002c0000b0b')
    expect(Buffer.from(relocateBody(new WasmReader(block, 'It'), () => 63)).toString('hex')).toBe('00023f0b0b')
  })

  it.each([
    ['an unknown instruction', '0006', /instruction 0x6,/],
    ['an unknown prefixed instruction', '00fc40', /instruction 0xfc 64/],
    ['a vector instruction', '00fd00', /instruction 0xfd/],
    ['no end', '0001', /ends too early/],
    ['bytes after the end', '000b01', /bytes after a function ended/],
    ['an unknown local type', '0101690b', /value type 0x69/],
    ['more locals than bytes', '0a0b', /announces 10 elements/],
    ['an unknown block type', '0002410b0b', /block of an unknown type/],
    ['a constant that does not end', `0041${'80'.repeat(20)}0b`, /more than 32 bits/],
    ['another memory', '0041002840000000', /another memory/],
  ])('with %s are refused', (_, hex, reason) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'))
    expect(() => {
      visitBody(new WasmReader(bytes, 'It'), () => undefined)
    }).toThrow(reason)
  })
})

describe('damaged modules', () => {
  const runtime = assemble(runtimeText())
  const magic = runtime.subarray(0, 8)
  const parse = (...parts: (Uint8Array | readonly number[])[]) =>
    parseWasm(concatBytes([magic, ...parts.map((part) => Uint8Array.from(part))]), 'It')

  it('are refused wherever they are cut', () => {
    let cutBetweenSections = 0
    for (let length = 0; length < runtime.length; length += 1) {
      try {
        parseWasm(runtime.subarray(0, length), 'It')
        cutBetweenSections += 1
      } catch (error) {
        expect(error).toMatchObject({ code: 'E302' })
      }
    }
    expect(cutBetweenSections).toBeLessThan(15)
  })

  it.each([
    ['a section twice', [1, 1, 0, 1, 1, 0], /section 1 twice/],
    ['bytes after a section', [1, 2, 0, 0], /bytes after the end of section 1/],
    ['an unknown kind of type', [1, 2, 1, 0x5f], /not a function type/],
    ['a body too few', [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0], /declares 1 functions and has 0/],
    ['an undeclared type', [3, 2, 1, 0, 10, 4, 1, 2, 0, 11], /of type 0, which it does not declare/],
    ['an unknown import', [2, 5, 1, 0, 0, 9, 0], /unknown kind 9/],
    ['a huge count', [3, 5, 0xff, 0xff, 0xff, 0xff, 0x0f], /announces 4294967295 elements/],
  ])('are refused with %s', (_, bytes, reason) => {
    expect(() => parse(bytes)).toThrow(reason)
  })
})
