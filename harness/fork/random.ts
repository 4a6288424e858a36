import { blake2AsU8a } from './polkadotPackages.js'
import { squareRoot } from './squareRoot.js'

/** Pseudo-random draws of a made-up state: integers only, so that a seed gives the same state on every machine. */
export interface Random {
  /** Uniform over 0 to `count` - 1; `count` from 1 to 2^32. */
  below(count: number): number
  /** Uniform over `low` to `high`, both included. */
  between(low: number, high: number): number
  /** Pareto: U^(-quarters / 4) for a uniform U in (0, 1], in parts of 2^32. Its tail index is 4 / quarters: from 4 quarters on
   *  its mean is infinite, and a few draws hold most of a sum. */
  pareto(quarters: number): bigint
  /** `count` different elements in the order they are drawn; all of them, shuffled, when there are fewer. */
  pick<T>(from: readonly T[], count: number): T[]
}

const U64 = (1n << 64n) - 1n

/** A stream of its own for each label, so that a draw more in one does not move the others: SplitMix64 (Steele, Lea, Flood
 *  2014), started at the first eight bytes, little-endian, of blake2_256("seed/label"). */
export function randomStream(seed: number, label: string): Random {
  let state = Buffer.from(blake2AsU8a(`${seed}/${label}`, 256)).readBigUInt64LE()

  const next = (): bigint => {
    state = (state + 0x9e3779b97f4a7c15n) & U64
    let mixed = state
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & U64
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & U64
    return mixed ^ (mixed >> 31n)
  }
  const below = (count: number): number => Number((next() * BigInt(count)) >> 64n)

  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    pareto(quarters) {
      const ratio = (1n << 128n) / (next() + 1n)
      // Its fourth root is wanted with 32 bits of fraction; the ratio carries 64.
      return fourthRoot((ratio ** BigInt(quarters)) << BigInt(128 - 64 * quarters))
    },
    pick(from, count) {
      const left = [...from]
      const taken = Math.min(count, left.length)
      return Array.from({ length: taken }).flatMap(() => left.splice(below(left.length), 1))
    },
  }
}

/** floor(value^(1/4)) */
const fourthRoot = (value: bigint): bigint => squareRoot(squareRoot(value))
