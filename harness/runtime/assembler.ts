import { concatBytes, encodeS32, encodeS64, encodeU32, withLength } from './wasmBytes.js'

/** Instructions in their encoding. */
export type Code = Uint8Array

const withIndex = (opcode: number) => (index: number) => concatBytes([Uint8Array.of(opcode), encodeU32(index)])

export const localGet = withIndex(0x20)
export const localSet = withIndex(0x21)
export const globalGet = withIndex(0x23)
export const globalSet = withIndex(0x24)
export const call = withIndex(0x10)
export const i32Const = (value: number): Code => concatBytes([Uint8Array.of(0x41), encodeS32(value)])
export const i64Const = (value: bigint): Code => concatBytes([Uint8Array.of(0x42), encodeS64(value)])
export const i32Add: Code = Uint8Array.of(0x6a)
export const i32Sub: Code = Uint8Array.of(0x6b)
export const i32Ne: Code = Uint8Array.of(0x47)
export const i32Eqz: Code = Uint8Array.of(0x45)
export const i64Ne: Code = Uint8Array.of(0x52)
export const i64Add: Code = Uint8Array.of(0x7c)
export const i64Sub: Code = Uint8Array.of(0x7d)
export const i64Mul: Code = Uint8Array.of(0x7e)
export const i64Eqz: Code = Uint8Array.of(0x50)
export const i32WrapI64: Code = Uint8Array.of(0xa7)
export const i64ExtendI32: Code = Uint8Array.of(0xad)
export const i64Or: Code = Uint8Array.of(0x84)
/** Traps. */
export const unreachable: Code = Uint8Array.of(0x00)

/** Repeats the code while it leaves a number other than zero (i32). */
export const repeatWhile = (code: readonly Code[]): Code =>
  concatBytes([Uint8Array.of(0x03, 0x40), ...code, Uint8Array.of(0x0d, 0x00, 0x0b)])

/** Loads and stores at an address and an offset from it, taken to be multiples of 4 (others are slower). */
const withOffset = (opcode: number) => (offset: number) => concatBytes([Uint8Array.of(opcode, 2), encodeU32(offset)])
export const i32Load = withOffset(0x28)
export const i64Load = withOffset(0x29)
export const i32Store = withOffset(0x36)
export const i64Store = withOffset(0x37)

/** Takes a condition off the stack; stops the run if it is true. */
export const trapIf: Code = concatBytes([Uint8Array.of(0x04, 0x40), unreachable, Uint8Array.of(0x0b)])

/** Takes a condition off the stack; neither branch leaves anything there. */
export const ifElse = (then: readonly Code[], otherwise: readonly Code[]): Code =>
  concatBytes([Uint8Array.of(0x04, 0x40), ...then, Uint8Array.of(0x05), ...otherwise, Uint8Array.of(0x0b)])

/** A function's locals beside its parameters, one of each type, and its instructions. */
export function functionBody(locals: readonly number[], code: readonly Code[]): Uint8Array {
  const groups = locals.map((type) => Uint8Array.of(1, type))
  return concatBytes([encodeU32(groups.length), ...groups, ...code, Uint8Array.of(0x0b)])
}

/** A global of the module itself that can be set, zero at first. */
export function zeroGlobal(valueType: 0x7f | 0x7e): Uint8Array {
  return Uint8Array.of(valueType, 1, valueType === 0x7f ? 0x41 : 0x42, 0, 0x0b)
}

export function encodeFunctionType(type: {
  readonly params: readonly number[]
  readonly results: readonly number[]
}): Uint8Array {
  const values = (list: readonly number[]) => withLength(Uint8Array.from(list))
  return concatBytes([Uint8Array.of(0x60), values(type.params), values(type.results)])
}
