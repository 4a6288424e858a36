import { rulesUnknown } from '../errors/replay.js'
import type { ForkState } from '../fork/forkState.js'
import { readFork } from '../fork/readFork.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { canLoseRoot } from '../ledger/pendings.js'
import { RULES_OF_SPEC, upgradedTo } from '../replay/rules.js'

/** Before, root dividends were sold at once. */
const OLDEST = 334

/** Lets the reference runtime run a chain's state by the rules of the spec that wrote it, as far as the runtime knows which specs differ
 *  (`RulesOfSpec`). Other runtimes have rules of their own: the fork is returned as it is.
 *
 *  The state's spec is that of its last runtime upgrade: an upgrade that waits in `:code` has not migrated anything yet.
 *  @param codec of the runtime that is to run
 *  @param specOfCode spec version of the chain's own runtime, for a state that does not tell its last upgrade
 *  @returns the fork, and what was done for the list of what was mocked
 *  @throws E529 when it does not know them */
export async function underOwnRules(
  fork: ForkState,
  codec: StorageCodec,
  specOfCode: () => Promise<number | undefined>,
): Promise<{ fork: ForkState; mocks: readonly string[] }> {
  if (!codec.has(...RULES_OF_SPEC)) return { fork, mocks: [] }
  const key = codec.key(...RULES_OF_SPEC)
  const [stated, upgraded = null] = await readFork(fork, [key, codec.key('System', 'LastRuntimeUpgrade')])
  const newest = Number(codec.decode(...RULES_OF_SPEC, null))
  const lastUpgrade = codec.decode('System', 'LastRuntimeUpgrade', upgraded)
  const spec = stated === null ? (upgradedTo(lastUpgrade) ?? (await specOfCode())) : undefined
  if (spec === undefined || spec === newest) return { fork, mocks: [] }
  if (spec > newest) {
    const mock = `The reference runtime runs this state of spec ${spec} by the rules of spec ${newest}, the newest it knows.`
    return { fork, mocks: [mock] }
  }
  if (spec < OLDEST) throw rulesUnknown({ spec })
  const storage = new Map(fork.storage).set(key, codec.encode(...RULES_OF_SPEC, spec))
  const pools =
    spec < 423 ? ' Pools, their prices and claims of root dividends are held still: no TAO is minted or traded.' : ''
  // Which pools were subsidised followed from flows of TAO, which are not computed.
  const lost = canLoseRoot({ rules: spec })
    ? ' Alpha of root that the chain drops on subnets with a subsidised pool is kept and paid.'
    : ''
  const mock = `The reference runtime runs this state by the rules of its spec, ${spec} (${RULES_OF_SPEC.join('.')}).${pools}${lost}`
  return { fork: { ...fork, storage }, mocks: [mock] }
}
