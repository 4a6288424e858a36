import type { ForkState, Hex } from './forkState.js'

/** Values of a fork in the order of the keys; `null` where absent.
 *  @throws what the fork's source cannot answer */
export async function readFork({ storage, remote }: ForkState, keys: readonly Hex[]): Promise<(Hex | null)[]> {
  const unknown = remote === undefined ? [] : keys.filter((key) => !storage.has(key))
  const part = unknown.length === 0 ? undefined : await remote?.ask({ kind: 'keys', keys: unknown })
  const asked = new Map(part?.entries)
  return keys.map((key) => storage.get(key) ?? asked.get(key) ?? null)
}
