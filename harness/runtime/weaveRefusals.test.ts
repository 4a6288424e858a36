import { describe, expect, it } from '@jest/globals'
import { assemble, runtimeText } from '../../test/wasmHost.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import type { PolicyPatch } from './policy.js'
import { checkPolicyParams } from './policies.js'
import { customSection, parseWasm, writeWasm } from './wasmModule.js'
import { weave } from './weave.js'

const stakeCap = checkPolicyParams('stake-cap', { percentile: 88 })
const performance = checkPolicyParams('performance-weighted', { lambda: 0.5 })
const stakeSymbol = '_ZN16pallet_subtensor7staking11stake_utils29get_stake_weights_for_network17h0123456789abcdefE'
const epochSymbol = '_ZN16pallet_subtensor5epoch9run_epoch5epoch17h0123456789abcdefE'

/** The fixture with one text replaced everywhere; fails if it is not there. */
function changed(from: string, to: string, text = runtimeText()): string {
  expect(text).toContain(from)
  return text.replaceAll(from, to)
}

function refusal(wasm: Uint8Array, patches: readonly PolicyPatch[] = [stakeCap], patchModule?: Uint8Array) {
  try {
    weave(wasm, patches, patchModule === undefined ? {} : { patchModule })
  } catch (error) {
    if (error instanceof EpochdiffError) return { code: error.code, exitCode: error.exitCode, short: error.short }
    throw error
  }
  return undefined
}

it.each([
  ['aiarena', 'aiarena', { code: 'E321', exitCode: 2, short: 'Policy "aiarena" is stated more than once.' }],
  [
    'role-split',
    'aiarena',
    { code: 'E321', exitCode: 2, short: 'Policies "role-split" and "aiarena" are both stated.' },
  ],
])('%s and %s cannot both say what miners and validators get', (first, second, refused) => {
  const runtime = assemble(runtimeText())
  expect(refusal(runtime, [checkPolicyParams(first, {}), checkPolicyParams(second, {})])).toEqual(refused)
  const insideOne = checkPolicyParams('aiarena', { pool: 'miner' })
  expect(refusal(runtime, [checkPolicyParams(first, {}), insideOne])).toBeUndefined()
})

describe('a runtime is refused', () => {
  it('that weaves without the change (or these tests would prove nothing)', () => {
    expect(refusal(assemble(runtimeText()), [stakeCap, performance])).toBeUndefined()
  })

  it.each([
    ['is empty', new Uint8Array()],
    ['is not wasm', new TextEncoder().encode('{"genesis": {}}')],
    ['ends within a section', assemble(runtimeText()).subarray(0, 300)],
    [
      'does not validate',
      assemble('(module (func (param i32) (local.get 0) (drop)))').map((byte) => (byte === 0x1a ? 0x01 : byte)),
    ],
  ])('E302 when it %s', (_, wasm) => {
    expect(refusal(wasm)).toMatchObject({ code: 'E302', exitCode: 2 })
  })

  it('E302 when an instruction is not known', () => {
    const simd = changed('(local.get 0))\n  (func $copy', '(drop (v128.const i64x2 1 2)) (local.get 0))\n  (func $copy')
    expect(refusal(assemble(simd))).toMatchObject({ code: 'E302', short: expect.stringContaining('0xfd') })
  })

  it('E308 when its names are missing or there twice', () => {
    const { sections } = parseWasm(assemble(runtimeText()), 'runtime')
    expect(refusal(writeWasm(sections.filter(({ name }) => name !== 'name')))).toMatchObject({ code: 'E308' })
    const names = sections.filter(({ name }) => name === 'name')
    expect(refusal(writeWasm([...sections, ...names]))).toMatchObject({ code: 'E308' })
  })

  it('E301 when no function has the name', () => {
    const renamed = changed('29get_stake_weights_for_network', '29get_stake_weights_for_netwerk')
    expect(refusal(assemble(renamed))).toMatchObject({
      code: 'E301',
      short: expect.stringContaining('stake_weights'),
    })
    expect(refusal(assemble(renamed), [performance])).toBeUndefined()
    expect(
      refusal(assemble(changed('16pallet_subtensor5epoch9run_epoch5epoch', '12pallet_other_5epoch9run_epoch5epoch')), [
        performance,
      ]),
    ).toMatchObject({ code: 'E301' })
  })

  it('E303 when several functions have the name', () => {
    const twin = stakeSymbol.replace('11stake_utils', '11stake_other')
    const text = changed(
      '(func $stack_pointer (result',
      `(func $${twin} (param i32 i32))\n  (func $stack_pointer (result`,
    )
    expect(refusal(assemble(text))).toMatchObject({ code: 'E303', short: expect.stringContaining(twin) })
  })

  it('E304 when the function has another signature', () => {
    const text = changed(`(func $${epochSymbol} (param i32 i32 i64)`, `(func $${epochSymbol} (param i32 i32 i32)`)
      .replaceAll('(i64.store (i32.const 3072)', '(i32.store (i32.const 3072)')
      .replaceAll('(i64.add (local.get 1) (local.get 3))', '(i32.const 1)')
    expect(refusal(assemble(text), [performance])).toMatchObject({
      code: 'E304',
      short: expect.stringContaining('(i32, i32, i32) -> (), not (i32, i32, i64) -> ()'),
    })
    expect(refusal(assemble(text), [stakeCap])).toBeUndefined()
  })

  it('E305 when nothing calls it, or the epoch has a second call', () => {
    const call =
      /\(call \$_ZN16pallet_subtensor7staking11stake_utils29get_stake_weights_for_network17h0123456789abcdefE\s+\(local.get 0\) \(local.get 1\)\)/g
    const uncalled = runtimeText().replace(call, '')
    expect(uncalled).not.toBe(runtimeText())
    expect(refusal(assemble(uncalled))).toMatchObject({
      code: 'E305',
      short: expect.stringContaining('has none'),
    })
    const twice = changed(
      '(func $stack_pointer (result',
      `(func $api (call $${epochSymbol} (i32.const 0) (i32.const 0) (i64.const 0)))\n  (func $stack_pointer (result`,
    )
    expect(refusal(assemble(twice), [performance])).toMatchObject({
      code: 'E305',
      short: expect.stringContaining('1 in drain_pending_emission, 1 in api'),
    })
    const fromElsewhere = changed(
      '(func $stack_pointer (result',
      `(func $api (call $${stakeSymbol} (i32.const 0) (i32.const 0)))\n  (func $stack_pointer (result`,
    )
    expect(refusal(assemble(fromElsewhere))).toMatchObject({
      code: 'E305',
      short: expect.stringContaining('1 in run_coinbase, 1 in get_subnet_state, 1 in api'),
    })
  })

  it('E306 when the function is in the table, referenced by a global or by an expression', () => {
    const inTable = changed('(elem (i32.const 1) $in_table)', `(elem (i32.const 0) $${stakeSymbol} $in_table)`)
    expect(refusal(assemble(inTable))).toMatchObject({ code: 'E306' })
    const inGlobal = changed('(global $__data_end', `(global funcref (ref.func $${stakeSymbol})) (global $__data_end`)
    expect(refusal(assemble(inGlobal))).toMatchObject({ code: 'E306' })
    const declared = changed('(elem (i32.const 1)', `(elem declare func $${stakeSymbol}) (elem (i32.const 1)`)
    expect(refusal(assemble(declared))).toMatchObject({ code: 'E306' })
    const byExpression = changed('(elem (i32.const 1)', `(elem funcref (ref.func $${stakeSymbol})) (elem (i32.const 1)`)
    expect(refusal(assemble(byExpression))).toMatchObject({ code: 'E306' })
  })

  it('E307 when it is woven already', () => {
    const { wasm } = weave(assemble(runtimeText()), [stakeCap])
    expect(refusal(wasm, [performance])).toMatchObject({ code: 'E307' })
  })

  it('E309 when it does not import what the policy calls, or as another type', () => {
    const without = changed('"ext_storage_get_version_1"', '"ext_storage_get_version_2"')
    expect(refusal(assemble(without))).toMatchObject({
      code: 'E309',
      short: 'The runtime should import env.ext_storage_get_version_1 (i64) -> (i64), and does not.',
    })
    const otherType = changed('(func $free (param i32))', '(func $free (param i64))')
    expect(refusal(assemble(otherType))).toMatchObject({
      code: 'E309',
      short: expect.stringContaining('imports it (i64) -> ()'),
    })
  })

  it('E310 when its memory is shared or missing', () => {
    const memory = '(import "env" "memory" (memory 4))'
    // Threads are no feature of the assembler here: the limits byte is set in the binary.
    const shared = assemble(changed(memory, '(import "env" "memory" (memory 4 9))'))
    const limits = Buffer.from(shared).indexOf(Buffer.from([0x02, 0x01, 0x04, 0x09]))
    expect(limits).toBeGreaterThan(0)
    shared[limits + 1] = 0x03
    expect(refusal(shared)).toMatchObject({ code: 'E310', short: expect.stringContaining('shared') })
    expect(refusal(assemble('(module (func $lonely))'))).toMatchObject({ code: 'E310' })
  })

  it('E311 when its stack pointer cannot be told', () => {
    const immutable = changed('(global $__stack_pointer (mut i32)', '(global $__stack_pointer i32')
    expect(refusal(assemble(immutable))).toMatchObject({ code: 'E311' })
    const unnamed = changed('$__stack_pointer', '$sp')
    expect(refusal(assemble(unnamed))).toBeUndefined()
    const two = changed('(global $__data_end', '(global (mut i32) (i32.const 0)) (global $__data_end')
    expect(refusal(assemble(two))).toBeUndefined()
    expect(refusal(assemble(changed('$__stack_pointer', '$sp', two)))).toMatchObject({ code: 'E311' })
  })
})

describe('a patch module is refused', () => {
  const runtime = assemble(runtimeText())
  const patchModule = (inside: string, memory = '(import "env" "memory" (memory 1))') =>
    assemble(`(module (type $t (func)) ${memory} (global $__stack_pointer (mut i32) (i32.const 0)) ${inside})`)
  const exported = (body: string) => `(func (export "stake_cap") (param i32 i32 i32 i32 i32 i32) ${body})`

  it('that weaves without the change (or these tests would prove nothing)', () => {
    expect(refusal(runtime, [stakeCap], patchModule(exported('(block (nop))')))).toBeUndefined()
  })

  it.each([
    ['data', `(data (i32.const 0) "x") ${exported('')}`],
    ['table entries', `(table 1 funcref) (elem (i32.const 0) $f) (func $f) ${exported('')}`],
    ['a start function', `(func $f) (start $f) ${exported('')}`],
    ['another name for the policy', '(func (export "stake_cup") (param i32 i32 i32 i32 i32 i32))'],
    ['another signature of the policy', '(func (export "stake_cap") (param i32 i32 i32 i32 i32))'],
    ['state of its own', `(global $own (mut i32) (i32.const 0)) ${exported('(global.set $own (i32.const 1))')}`],
    ['an indirect call', `(table 1 funcref) ${exported('(call_indirect (type $t) (i32.const 0))')}`],
  ])('E312 for %s', (_, inside) => {
    expect(refusal(runtime, [stakeCap], patchModule(inside))).toMatchObject({ code: 'E312' })
  })

  it('E312 for a memory of its own, E310 for none', () => {
    expect(refusal(runtime, [stakeCap], patchModule(exported(''), '(memory 1)'))).toMatchObject({ code: 'E312' })
    expect(refusal(runtime, [stakeCap], patchModule(exported(''), ''))).toMatchObject({ code: 'E310' })
  })

  it('E309 for a host function that the runtime does not import', () => {
    const importing = assemble(`(module (import "env" "ext_logging" (func $log)) (import "env" "memory" (memory 1))
      (global $__stack_pointer (mut i32) (i32.const 0)) ${exported('(call $log)')})`)
    expect(refusal(runtime, [stakeCap], importing)).toMatchObject({ code: 'E309' })
  })
})

describe('a patch is refused', () => {
  it('when its policy or parameters are not allowed', () => {
    const runtime = assemble(runtimeText())
    expect(refusal(runtime, [{ kind: 'policy', policy: 'stake-cup', params: {} }])).toMatchObject({ code: 'E121' })
    expect(refusal(runtime, [{ kind: 'policy', policy: 'stake-cap', params: { percentile: 101 } }])).toMatchObject({
      code: 'E123',
    })
  })
})

it('marks a section as the parser expects it', () => {
  const runtime = parseWasm(assemble(runtimeText()), 'runtime')
  const marked = writeWasm([...runtime.sections, customSection('epochdiff', Uint8Array.of(1))])
  expect(refusal(marked)).toMatchObject({ code: 'E307' })
})
