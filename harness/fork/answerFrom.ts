import type { Hex, StatePart, StateQuestion } from './forkState.js'
import { belowPrefix } from './keyPrefix.js'
import type { KnownState } from './knownState.js'

/** Entries of an answer that says what follows a key. */
const FOLLOWING = 1_000

/** What is known about a question that was settled. */
export function answerFrom(known: KnownState<Hex>, question: StateQuestion): StatePart {
  if (question.kind === 'keys') {
    return partOf(
      question.keys,
      question.keys.map((key) => [key, known.get(key) ?? null]),
    )
  }
  if (question.kind === 'below') {
    const entries = known.entries(question.prefix) as [Hex, Hex][]
    return { entries, absent: [], ranges: [belowPrefix(question.prefix)] }
  }
  const { entries, to } = known.following(question.key, FOLLOWING)
  const range = { from: question.key, to: to as Hex | undefined }
  return { entries: entries as [Hex, Hex][], absent: [], ranges: [range] }
}

/** Values of keys as a part of a state. */
export function partOf(keys: readonly Hex[], values: readonly (readonly [Hex, Hex | null])[]): StatePart {
  const found = new Map(values)
  const entries = keys.flatMap((key) => {
    const value = found.get(key) ?? null
    return value === null ? [] : [[key, value] as const]
  })
  return { entries, absent: keys.filter((key) => (found.get(key) ?? null) === null), ranges: [] }
}
