import { layoutUnknown } from '../errors/replay.js'
import type { ForkState } from '../fork/forkState.js'
import { readFork } from '../fork/readFork.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { rootDivides } from '../replay/laterPayment.js'
import { rulesOf, toldBy } from '../replay/rules.js'

/** The first spec of dynamic TAO. */
const OLDEST_RULES = 233

/** @param rules `rulesOf` the state
 *  @throws E527 when what an epoch pays cannot be read */
export function requireKnownLayout(codec: StorageCodec, rules: number, netuid: number): void {
  if (!rootDivides(codec) && rules < OLDEST_RULES) throw layoutUnknown({ netuid, spec: rules })
}

/** The same of a fork, before anything large is read of it.
 *  @param netuids whose epochs are wanted */
export async function requireReadableFork(
  fork: ForkState,
  codec: StorageCodec,
  [netuid]: readonly number[],
): Promise<void> {
  if (netuid === undefined) return
  const keys = toldBy(codec)
  const values = await readFork(fork, keys)
  const entries = new Map(
    keys.flatMap((key, index) => {
      const value = values[index] ?? null
      return value === null ? [] : [[key, value] as const]
    }),
  )
  requireKnownLayout(codec, rulesOf(codec, entries), netuid)
}
