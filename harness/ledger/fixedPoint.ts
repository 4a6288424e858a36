/** Unsigned fixed point with 32 fraction bits (U96F32), as the chain's distribution computes; values are their bits. */
export const ONE = 1n << 32n

export const fixed = (integer: bigint): bigint => integer << 32n

/** Rounded down to an integer. */
export const floor = (bits: bigint): bigint => bits >> 32n

/** Product, rounded down to 2^-32. */
export const multiply = (a: bigint, b: bigint): bigint => (a * b) >> 32n

/** Quotient, rounded down to 2^-32; zero when the divisor is. */
export const divide = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : (a << 32n) / b)

/** Difference, not below zero. */
export const subtract = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n)

/** A parameter stored as parts of the largest u16. */
export const ofU16 = (parts: bigint): bigint => (parts << 32n) / 65_535n

/** A parameter stored as parts of the largest u64. */
export const ofU64 = (parts: bigint): bigint => (parts << 32n) / ((1n << 64n) - 1n)
