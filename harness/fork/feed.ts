import type { Hex } from './forkState.js'

/** One write into every arm alike. */
export type FeedWrite =
  | { readonly kind: 'put'; readonly key: Hex; readonly value: Hex }
  | { readonly kind: 'remove'; readonly key: Hex }
  /** Sets one element of a stored vector to zero bytes. Each arm keeps its own vector: the rest of it stays. */
  | { readonly kind: 'zeroElement'; readonly key: Hex; readonly index: number; readonly elementBytes: number }

/** What was recorded before one epoch. */
export interface FeedStep {
  /** Block whose hook runs the epoch; the writes come before it. */
  readonly block: number
  /** In the order they take effect: a later write to a key supersedes an earlier one. */
  readonly writes: readonly FeedWrite[]
  /** Weight rows in force at the epoch. */
  readonly weightRows: number
  /** Uids that a new hotkey (SS58, prefix 42) took over since the step before. */
  readonly registrations: readonly { readonly uid: number; readonly hotkey: string }[]
}

/** Recorded inputs, one step an epoch, ascending by block. */
export interface Feed {
  readonly steps: readonly FeedStep[]
}

/** Keys whose value on the arm a step depends on. */
export function feedStepReads(step: FeedStep): Hex[] {
  return [...new Set(step.writes.filter(({ kind }) => kind === 'zeroElement').map(({ key }) => key))]
}

/** The step as storage writes for one arm, ascending by key; `null` removes the key.
 *  @param read the arm's present value of each key of `feedStepReads`; `null` where absent */
export function applyFeedStep(
  read: (key: Hex) => Hex | null,
  step: FeedStep,
): readonly (readonly [key: Hex, value: Hex | null])[] {
  const written = new Map<Hex, Hex | null>()
  for (const write of step.writes) {
    if (write.kind === 'put') written.set(write.key, write.value)
    else if (write.kind === 'remove') written.set(write.key, null)
    else {
      const before = written.get(write.key) ?? (written.has(write.key) ? null : read(write.key))
      // A vector that is absent has no element to clear, and none is made: absent reads as zeros.
      if (before !== null) written.set(write.key, withZeroElement(before, write.index, write.elementBytes))
    }
  }
  return [...written].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A vector too short to have the element stays as it is, as in the chain's own replacement of a uid. */
function withZeroElement(vector: Hex, index: number, elementBytes: number): Hex {
  const bytes = Buffer.from(vector.slice(2), 'hex')
  // SCALE compact length: its two lowest bits state how many bytes it takes.
  const mode = (bytes[0] ?? 3) & 3
  const lengthBytes = mode === 0 ? 1 : mode === 1 ? 2 : 4
  if (mode === 3 || bytes.length < lengthBytes) throw new RangeError(`${vector.slice(0, 20)} is no vector`)
  const length = bytes.readUIntLE(0, lengthBytes) >>> 2
  if (bytes.length !== lengthBytes + length * elementBytes) {
    throw new RangeError(`a vector of ${length} elements of ${elementBytes} bytes has not ${bytes.length} bytes`)
  }
  if (index < length) bytes.fill(0, lengthBytes + index * elementBytes, lengthBytes + (index + 1) * elementBytes)
  return `0x${bytes.toString('hex')}`
}
