import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'

/** The reference runtime's own item: the spec whose rules it is to follow; see `runtime-patches/pallet/src/rules.rs`. */
export const RULES_OF_SPEC = ['SubtensorModule', 'RulesOfSpec'] as const
const LAST_UPGRADE = ['System', 'LastRuntimeUpgrade'] as const

/** Storage items that came with new rules of the reward path, and the first released spec that has them; the newest first. */
const FIRST_SPECS: readonly (readonly [item: string, spec: number])[] = [
  ['LastEpochBlock', 423],
  ['MinerBurned', 421],
  ['AlphaV2', 401],
  ['RootAlphaDividendsPerSubnet', 361],
  ['PendingServerEmission', 343],
  ['PendingRootAlphaDivs', 334],
  ['FirstEmissionBlockNumber', 257],
]

/** Keys of what `rulesOf` reads of a state. */
export const toldBy = (codec: StorageCodec): Hex[] =>
  [RULES_OF_SPEC, LAST_UPGRADE].flatMap(([pallet, item]) => (codec.has(pallet, item) ? [codec.key(pallet, item)] : []))

/** The spec whose rules of the reward path a state follows: of the reference runtime the one that the state names; else that of the last
 *  runtime upgrade, at least the first one with the items that the runtime has. 0 when neither tells one. */
export function rulesOf(codec: StorageCodec, entries: ReadonlyMap<Hex, Hex>): number {
  const read = (path: readonly [string, string]) => codec.decode(...path, entries.get(codec.key(...path)) ?? null)
  if (codec.has(...RULES_OF_SPEC)) return Number(read(RULES_OF_SPEC))
  const oldest = FIRST_SPECS.find(([item]) => codec.has('SubtensorModule', item))?.[1] ?? 0
  // An upgrade that waits in `:code` is not the last one yet.
  return codec.has(...LAST_UPGRADE) ? Math.max(oldest, upgradedTo(read(LAST_UPGRADE)) ?? 0) : oldest
}

/** Spec version of a decoded System.LastRuntimeUpgrade; `undefined` when the state does not hold it. */
export function upgradedTo(upgrade: unknown): number | undefined {
  if (typeof upgrade !== 'object' || upgrade === null || !('spec_version' in upgrade)) return undefined
  return Number(upgrade.spec_version)
}
