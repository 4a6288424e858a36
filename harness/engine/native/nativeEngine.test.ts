import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import loadWabt from 'wabt'
import type { EpochdiffError } from '../../errors/epochdiffError.js'
import type { Hex } from '../../fork/forkState.js'
import type { Engine, EngineArm } from '../engine.js'
import type { EngineOptions } from '../engineOptions.js'
import { openEngine } from '../openEngine.js'

const wabt = await loadWabt()

/** A span of `length` bytes at `offset`, as WAT. */
const span = (offset: number, length: number): string => `(i64.const ${(BigInt(length) << 32n) | BigInt(offset)})`

/** A hand-made runtime: a few host functions, text at 16, and the functions under test. */
function runtime(functions: string, memory = '(import "env" "memory" (memory 2))'): Uint8Array {
  const source = `(module
    (import "env" "ext_storage_get_version_1" (func $get (param i64) (result i64)))
    (import "env" "ext_storage_set_version_1" (func $set (param i64 i64)))
    (import "env" "ext_storage_append_version_1" (func $append (param i64 i64)))
    (import "env" "ext_storage_start_transaction_version_1" (func $start))
    (import "env" "ext_storage_read_version_1" (func $read (param i64 i64 i32) (result i64)))
    (import "env" "ext_storage_root_version_2" (func $root (param i32) (result i64)))
    (import "env" "ext_storage_clear_prefix_version_2" (func $clear_prefix (param i64 i64) (result i64)))
    (import "env" "ext_default_child_storage_set_version_1" (func $child_set (param i64 i64 i64)))
    (import "env" "ext_hashing_twox_128_version_1" (func $twox (param i64) (result i32)))
    (import "env" "ext_trie_blake2_256_ordered_root_version_2" (func $ordered (param i64 i32) (result i32)))
    (import "env" "ext_allocator_malloc_version_1" (func $malloc (param i32) (result i32)))
    (import "env" "ext_allocator_free_version_1" (func $free (param i32)))
    (import "env" "ext_logging_log_version_1" (func $log (param i32 i64 i64)))
    (import "env" "ext_crypto_sr25519_verify_version_2" (func $sr25519 (param i32 i64 i32) (result i32)))
    (import "env" "ext_panic_handler_abort_on_panic_version_1" (func $panic (param i64)))
    (import "env" "ext_unheard_of_version_1" (func $unknown (param i64) (result i64)))
    ${memory}
    (global (export "__heap_base") i32 (i32.const 65536))
    (data (i32.const 16) "key value state nonsense")
    ${functions})`
  const module = wabt.parseWat('runtime.wat', source)
  try {
    return module.toBinary({}).buffer
  } finally {
    module.destroy()
  }
}

const key = span(16, 3)
const value = span(20, 5)
const entry = (name: string, body: string): string =>
  `(func (export "${name}") (param $ptr i32) (param $len i32) (result i64) ${body})`
const keyHex: Hex = '0x6b6579'
const valueHex: Hex = '0x76616c7565'

const functions = [
  entry(
    'echo',
    '(i64.or (i64.shl (i64.extend_i32_u (local.get $len)) (i64.const 32)) (i64.extend_i32_u (local.get $ptr)))',
  ),
  entry('get', `(call $get ${key})`),
  entry('set', `(call $set ${key} ${value}) (call $get ${key})`),
  entry('set_in_transaction', `(call $start) (call $set ${key} ${value}) (call $get ${key})`),
  entry('child', `(call $child_set ${span(1_024, 32)} ${key} ${value}) (call $set ${key} ${value}) ${key}`),
  entry('leave_a_mark', `(i32.store (i32.const 4096) (i32.const 7)) ${span(4096, 4)}`),
  entry('read_the_mark', span(4096, 4)),
  entry('root', '(call $root (i32.const 1))'),
  entry(
    'verify',
    `(i32.store8 (i32.const 64) (call $sr25519 (i32.const 128) ${value} (i32.const 256))) ${span(64, 1)}`,
  ),
  entry('unreachable', `(call $log (i32.const 0) ${key} ${value}) unreachable`),
  entry('panic', `(call $panic ${span(26, 14)}) unreachable`),
  entry('loop', '(loop $again (br $again)) (i64.const 0)'),
  entry('recurse', '(call $recurse (local.get $ptr) (local.get $len))').replace('(func ', '(func $recurse '),
  entry('malloc_forever', '(loop $again (drop (call $malloc (i32.const 1000000))) (br $again)) (i64.const 0)'),
  entry(
    'grow_forever',
    '(loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (i64.const 0)',
  ),
  entry('write_forever', `(loop $again (call $append ${key} ${span(0, 65_536)}) (br $again)) (i64.const 0)`),
  entry('log_forever', `(loop $again (call $log (i32.const 0) ${key} ${value}) (br $again)) (i64.const 0)`),
  entry('malloc_much', '(drop (call $malloc (i32.const -1))) (i64.const 0)'),
  entry('free_nonsense', '(call $free (i32.const 77)) (i64.const 0)'),
  entry('divide', '(drop (i32.div_u (i32.const 1) (i32.const 0))) (i64.const 0)'),
  entry('unknown', `(call $unknown ${key})`),
  entry('result_beyond', span(2 ** 30, 1_000)),
  entry('result_huge', '(i64.const -1)'),
  entry('key_beyond', `(call $get ${span(2 ** 30, 1_000)})`),
  entry('key_huge', `(call $get (i64.const -1))`),
  entry('value_beyond', `(call $set ${key} (i64.const 0x7fffffff_fffffff0)) (i64.const 0)`),
  entry('read_beyond', `(call $set ${key} ${value}) (call $read ${key} (i64.const -1) (i32.const 0))`),
  entry('hash_beyond', `(drop (call $twox ${span(2 ** 30 - 1, 64)})) (i64.const 0)`),
  entry('log_beyond', `(call $log (i32.const 0) (i64.const -1) ${value}) (i64.const 0)`),
  entry('truncated_list', `(drop (call $ordered ${span(16, 9)} (i32.const 1))) (i64.const 0)`),
  entry('bad_limit', `(call $clear_prefix ${key} ${value})`),
  entry('bad_version', `(drop (call $ordered ${span(0, 1)} (i32.const 7))) (i64.const 0)`),
].join('\n')

const wasm = runtime(functions)
const limits: Partial<EngineOptions> = { timeLimitMs: 60_000, memoryLimitBytes: 16 * 2 ** 20 }
let engine: Engine

beforeAll(async () => {
  engine = await openEngine('native', limits)
})

afterAll(() => engine.close())

const open = (bytes = wasm, storage: [Hex, Hex][] = []): Promise<EngineArm> =>
  engine.openArm({ name: 'tested', wasm: bytes, storage: new Map(storage) })

async function failure(work: Promise<unknown>): Promise<EpochdiffError> {
  try {
    await work
  } catch (error) {
    return error as EpochdiffError
  }
  throw new Error('It did not fail.')
}

describe('calls', () => {
  it('pass bytes in and out, also none', async () => {
    const arm = await open()
    expect((await arm.call('echo', '0x00ff12')).result).toBe('0x00ff12')
    expect((await arm.call('echo', '0x')).result).toBe('0x')
  })

  it('change the state only with `commit`', async () => {
    const arm = await open()
    const called = await arm.call('set', '0x')
    expect(called.storageDiff).toEqual([[keyHex, valueHex]])
    expect(called.result).toBe('0x011476616c7565')
    expect((await arm.call('get', '0x')).result).toBe('0x00')
    await arm.call('set', '0x', { commit: true })
    expect(await arm.read([keyHex, '0x00'])).toEqual([valueHex, null])
    expect((await arm.call('set', '0x')).storageDiff).toEqual([])
  })

  it('roll back a transaction that was left open', async () => {
    const called = await (await open()).call('set_in_transaction', '0x')
    expect(called.storageDiff).toEqual([])
    expect(called.result).toBe('0x011476616c7565')
  })

  it('start in fresh memory each', async () => {
    const arm = await open()
    expect((await arm.call('leave_a_mark', '0x')).result).toBe('0x07000000')
    expect((await arm.call('read_the_mark', '0x')).result).toBe('0x00000000')
  })

  it('put the entries of child tries at their place in the diff', async () => {
    const { storageDiff } = await (await open()).call('child', '0x')
    const child: Hex = `0x${Buffer.from(':child_storage:default:').toString('hex')}${'00'.repeat(32)}6b6579`
    expect(storageDiff).toEqual([
      [child, valueHex],
      [keyHex, valueHex],
    ])
    const arm = await open(wasm, [[child, '0x01']])
    expect(await arm.read([child])).toEqual(['0x01'])
  })

  it('list the storage root as mocked, once it was asked for', async () => {
    const arm = await open()
    expect((await arm.call('get', '0x')).mockedHostFunctions).toEqual([])
    const called = await arm.call('root', '0x')
    expect(called.result).toBe(`0x${'00'.repeat(32)}`)
    expect(called.mockedHostFunctions).toEqual(['ext_storage_root_version_2'])
  })

  it('give the logs', async () => {
    const error = await failure((await open()).call('unreachable', '0x'))
    expect(error.code).toBe('E401')
    expect(error.short).toContain('unreachable')
    expect(error.short).toContain('error key: value')
  })

  it('are answered in the order they were made', async () => {
    const arm = await open()
    const answers = await Promise.all([
      arm.call('set', '0x', { commit: true }),
      arm.read([keyHex]),
      arm.write([[keyHex, null]]),
      arm.read([keyHex]),
    ])
    expect([answers[1], answers[3]]).toEqual([[valueHex], [null]])
  })
})

describe('the state', () => {
  it('is written, read and listed raw', async () => {
    const arm = await open(wasm, [
      ['0x01', '0x0a'],
      ['0x0102', '0x'],
      ['0x02', '0x0c'],
    ])
    await arm.write([
      ['0x0103', '0x0d'],
      ['0x02', null],
    ])
    expect(await arm.entries('0x01')).toEqual([
      ['0x01', '0x0a'],
      ['0x0102', '0x'],
      ['0x0103', '0x0d'],
    ])
    expect(await arm.entries('0x')).toHaveLength(3)
  })

  it('of one arm is not that of another', async () => {
    const [a, b] = [await open(), await open()]
    await a.write([[keyHex, valueHex]])
    expect(await b.read([keyHex])).toEqual([null])
  })
})

describe('a runtime that fails', () => {
  it.each([
    ['unreachable', 'unreachable'],
    ['divide', 'divide by zero'],
    ['panic', 'state nonsense'],
    ['recurse', 'call stack'],
    ['unknown', 'ext_unheard_of_version_1'],
    ['malloc_much', '33554432'],
    ['free_nonsense', '77'],
    ['result_beyond', 'beyond the end'],
    ['result_huge', 'beyond the end'],
    ['key_beyond', 'beyond the end'],
    ['key_huge', 'beyond the end'],
    ['value_beyond', 'beyond the end'],
    ['read_beyond', 'beyond the end'],
    ['hash_beyond', 'beyond the end'],
    ['log_beyond', 'beyond the end'],
    ['truncated_list', 'SCALE'],
    ['bad_limit', 'SCALE'],
    ['bad_version', 'state version 7'],
  ])('%s: E401, and the arm goes on', async (fn, reason) => {
    const arm = await open(wasm, [['0xaa', '0xbb']])
    await arm.call('set', '0x', { commit: true })
    const error = await failure(arm.call(fn, '0x', { commit: true }))
    expect(error.code).toBe('E401')
    expect(error.short).toContain(reason)
    expect((await arm.call('echo', '0x01')).result).toBe('0x01')
    expect(await arm.entries('0x')).toEqual([
      [keyHex, valueHex],
      ['0xaa', '0xbb'],
    ])
  })

  it.each(['malloc_forever', 'write_forever'])('%s: E402, and the arm goes on', async (fn) => {
    const arm = await open()
    const error = await failure(arm.call(fn, '0x'))
    expect(error.code).toBe('E402')
    expect(error.short).toContain(`${16 * 2 ** 20} bytes`)
    expect((await arm.call('echo', '0x01')).result).toBe('0x01')
  })

  it('cannot grow its memory past the limit by itself', async () => {
    expect((await (await open()).call('grow_forever', '0x')).result).toBe('0x')
  })

  it.each(['loop', 'log_forever'])('%s: ended after the time limit, and the arm goes on where it stood', async (fn) => {
    const quick = await openEngine('native', { ...limits, timeLimitMs: 1_500 })
    const arm = await quick.openArm({ name: 'slow', wasm, storage: new Map([['0xaa', '0xbb']]) })
    await arm.call('set', '0x', { commit: true })
    await arm.write([['0xaa', null]])
    const error = await failure(arm.call(fn, '0x'))
    expect(error.code).toBe('E402')
    expect(error.short).toContain('1500 ms')
    expect(await arm.entries('0x')).toEqual([[keyHex, valueHex]])
    expect((await arm.call('get', '0x')).result).toBe('0x011476616c7565')
    await quick.close()
  })

  it('lacks the function: E404', async () => {
    expect((await failure((await open()).call('nothing', '0x'))).code).toBe('E404')
  })
})

describe('a blob', () => {
  it('may have a memory of its own', async () => {
    const arm = await open(runtime(functions, '(memory (export "memory") 2)'))
    expect((await arm.call('echo', '0x0102')).result).toBe('0x0102')
    expect((await failure(arm.call('malloc_forever', '0x'))).code).toBe('E402')
    expect((await arm.call('grow_forever', '0x')).result).toBe('0x')
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('no wasm at all')],
    ['a truncated module', wasm.subarray(0, wasm.length - 9)],
    ['a damaged module', wasm.map((byte, index) => (index === wasm.length - 40 ? byte ^ 0xff : byte))],
    ['a module without memory', runtime('', '')],
    ['one that needs too much memory', runtime('', '(memory 60000)')],
    ['one that imports from elsewhere', runtime('', '(import "env" "memory" (memory 1)) (import "x" "y" (func))')],
    ['one that imports a global', runtime('', '(import "env" "memory" (memory 1)) (import "env" "g" (global i32))')],
  ])('that is %s: E403', async (_, bytes) => {
    const error = await failure(open(bytes))
    expect(error.code).toBe('E403')
    expect(error.short).toContain('"tested"')
  })

  it('that does not say where its heap begins: E401', async () => {
    const module = wabt.parseWat(
      'x.wat',
      '(module (memory 1) (func (export "f") (param i32 i32) (result i64) (i64.const 0)))',
    )
    const arm = await open(module.toBinary({}).buffer)
    expect((await failure(arm.call('f', '0x'))).short).toContain('__heap_base')
  })
})

describe('signatures', () => {
  it('are checked, unless all are accepted: then that is listed', async () => {
    const checked = await (await open()).call('verify', '0x')
    expect([checked.result, checked.mockedHostFunctions]).toEqual(['0x00', []])
    const accepting = await openEngine('native', { ...limits, signatures: 'accept' })
    const arm = await accepting.openArm({ name: 'trusting', wasm, storage: new Map() })
    const called = await arm.call('verify', '0x')
    expect([called.result, called.mockedHostFunctions]).toEqual(['0x01', ['ext_crypto_sr25519_verify_version_2']])
    await accepting.close()
  })
})

describe('an end', () => {
  it('by the signal reaches a call under way, and every later one', async () => {
    const controller = new AbortController()
    const aborted = await openEngine('native', { ...limits, signal: controller.signal })
    const arm = await aborted.openArm({ name: 'aborted', wasm, storage: new Map() })
    await arm.call('echo', '0x')
    const reason = new Error('enough')
    const looping = failure(arm.call('loop', '0x'))
    setTimeout(() => controller.abort(reason), 50)
    expect(await looping).toBe(reason)
    expect(await failure(arm.call('echo', '0x'))).toBe(reason)
    await aborted.close()
    await expect(openEngine('native', { signal: controller.signal })).rejects.toBe(reason)
  })

  it('by close leaves nothing running', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
    const closing = await openEngine('native', limits)
    const arm = await closing.openArm({ name: 'closing', wasm, storage: new Map() })
    await arm.call('echo', '0x')
    const looping = failure(arm.call('loop', '0x'))
    await closing.close()
    expect((await looping).message).toContain('closed')
    expect((await failure(arm.call('echo', '0x'))).message).toContain('closed')
    expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length).toBeLessThanOrEqual(before)
  })
})
