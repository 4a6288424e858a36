import { hostFunctionMissing, openingNotFound } from '../errors/runtime.js'
import {
  call,
  type Code,
  globalGet,
  i32Const,
  i32Sub,
  i64Const,
  i64ExtendI32,
  i64Eqz,
  i64Or,
  i64Store,
  i64Sub,
  ifElse,
  localGet,
  localSet,
  repeatWhile,
  unreachable,
} from './assembler.js'
import { stackPointer } from './patchFunctions.js'
import type { WasmModule } from './wasmModule.js'
import { rustPath } from './rustSymbol.js'
import { wrapFunction } from './wrapFunction.js'

const i32 = 0x7f
const i64 = 0x7e

/** A runtime that stops in every block while it opens it, after all else that opening does: like a panic in the last `on_initialize`.
 *  @throws E302, E319 */
export function panickingRuntime(wasm: Uint8Array): Uint8Array {
  return wrapFunction(wasm, opening, (original) => ({
    locals: [],
    code: [localGet(0), call(original), unreachable],
  }))
}

/** What a migration that is too heavy leaves behind. */
export interface Migration {
  /** Key of the entry that says it has run, bytes. */
  readonly marker: Uint8Array
  /** Turns of an empty loop that it takes. */
  readonly turns: bigint
  /** Entry that it writes when the block is open. */
  readonly writes: { readonly key: Uint8Array; readonly value: Uint8Array }
}

/** A runtime that in its first block takes its time and then writes an entry: with System.BlockWeight's it does to a block what a migration
 *  does that returns that weight.
 *  @throws E302, E309, E311, E319 */
export function migratingRuntime(wasm: Uint8Array, { marker, turns, writes }: Migration): Uint8Array {
  return wrapFunction(wasm, opening, (original, module) => {
    const host = (name: string) => hostFunction(module, name)
    const [exists, set] = [host('ext_storage_exists_version_1'), host('ext_storage_set_version_1')]
    // Below the stack pointer lies nobody's memory: the original is not running.
    const room = 16 * Math.ceil((marker.length + writes.key.length + writes.value.length + 24) / 16)
    const [base, migrated, left] = [1, 2, 3]
    const at = { marker: 0, key: padded(marker.length), value: padded(marker.length) + padded(writes.key.length) }
    const span = (offset: number, length: number): Code[] => [
      ...[localGet(base), i32Const(-offset), i32Sub, i64ExtendI32],
      ...[i64Const(BigInt(length) << 32n), i64Or],
    ]
    return {
      locals: [i32, i32, i64],
      code: [
        ...[globalGet(stackPointer(module, 'The runtime')), i32Const(room), i32Sub, localSet(base)],
        ...storeBytes(base, at.marker, marker),
        // `migrated`: 1 once the migration has run.
        ...[...span(at.marker, marker.length), call(exists), localSet(migrated)],
        localGet(migrated),
        ifElse(
          [],
          [
            ...[i64Const(turns), localSet(left)],
            repeatWhile([localGet(left), i64Const(1n), i64Sub, localSet(left), ...isNotZero(left)]),
          ],
        ),
        ...[localGet(0), call(original)],
        localGet(migrated),
        ifElse(
          [],
          [
            ...storeBytes(base, at.marker, marker),
            ...storeBytes(base, at.key, writes.key),
            ...storeBytes(base, at.value, writes.value),
            ...[...span(at.marker, marker.length), ...span(at.marker, marker.length), call(set)],
            ...[...span(at.key, writes.key.length), ...span(at.value, writes.value.length), call(set)],
          ],
        ),
      ],
    }
  })
}

/** The function that opens a block, whether it is built or executed whole.
 *  @throws E319 */
function opening(module: WasmModule): number {
  const found = [...module.functionNames].filter(([, name]) => {
    const path = rustPath(name)
    return path?.[0] === 'frame_executive' && path.at(-1) === 'initialize_block'
  })
  const [[index, name] = [], another] = found
  if (index === undefined || name === undefined || another !== undefined) throw openingNotFound({ found: found.length })
  return index
}

const padded = (length: number): number => 8 * Math.ceil(length / 8)

/** 1 while the local (i64) is not zero. */
const isNotZero = (local: number): Code[] => [localGet(local), i64Eqz, i64ExtendI32, i64Eqz]

/** Writes bytes, eight at a time, at an offset from the address in a local. */
function storeBytes(base: number, offset: number, bytes: Uint8Array): Code[] {
  const whole = Buffer.alloc(padded(bytes.length))
  whole.set(bytes)
  return Array.from({ length: whole.length / 8 }, (_, word) => [
    localGet(base),
    i64Const(whole.readBigInt64LE(8 * word)),
    i64Store(offset + 8 * word),
  ]).flat()
}

/** Index of a host function that the runtime imports itself. */
function hostFunction(module: WasmModule, name: string): number {
  const index = module.functionImports.findIndex((each) => each.module === 'env' && each.name === name)
  if (index < 0) throw hostFunctionMissing({ name: `env.${name}`, found: 'does not', expected: 'it' })
  return index
}
