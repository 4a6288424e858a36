import type { Hex, RemoteState, StatePart, StateQuestion } from '../harness/fork/forkState.js'
import { belowPrefix, successor } from '../harness/fork/keyPrefix.js'

/** A state that is asked piece by piece, with everything it was asked. Answers come late, as over a network. */
export function remoteOf(
  storage: ReadonlyMap<Hex, Hex>,
  pageSize = 10,
): RemoteState & { readonly asked: StateQuestion[] } {
  const sorted = [...storage].sort(([a], [b]) => (a < b ? -1 : 1))
  const asked: StateQuestion[] = []
  const answer = (question: StateQuestion): StatePart => {
    if (question.kind === 'keys') {
      const present = question.keys.filter((key) => storage.has(key))
      return {
        entries: present.map((key) => [key, storage.get(key) ?? '0x']),
        absent: question.keys.filter((key) => !storage.has(key)),
        ranges: [],
      }
    }
    if (question.kind === 'below') {
      const entries = sorted.filter(([key]) => key.startsWith(question.prefix))
      return { entries, absent: [], ranges: [belowPrefix(question.prefix)] }
    }
    const entries = sorted.filter(([key]) => key >= question.key).slice(0, pageSize)
    const last = entries.length < pageSize ? undefined : entries.at(-1)?.[0]
    const range = { from: question.key, to: last === undefined ? undefined : successor(last) }
    return { entries, absent: [], ranges: [range] }
  }
  return {
    asked,
    ranges: [],
    ask: async (question) => {
      asked.push(question)
      await new Promise((resolve) => setTimeout(resolve, 1))
      return answer(question)
    },
  }
}
