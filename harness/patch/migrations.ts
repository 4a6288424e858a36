import { blake2AsHex } from '../fork/polkadotPackages.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { migrationFailed } from '../errors/patch.js'
import type { CallResult, EngineArm, StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import { ScaleReader } from '../fork/scaleType.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { SpecVersion } from '../runtime/specVersion.js'
import type { AppliedCode } from './appliedPatch.js'
import { type RawChange, showChanges } from './showStorage.js'

type Migrations = NonNullable<AppliedCode['migrations']>

/** The first block, which on an upgraded chain runs the migrations. */
export interface FirstBlock {
  readonly number: number
  /** SCALE header. */
  readonly header: Hex
  /** Executes all of it and keeps what it does.
   *  @returns what opening it returned: of newer runtimes the `ExtrinsicInclusionMode` */
  readonly execute: (arm: EngineArm) => Promise<Hex>
}

/** What differs between any two openings of a block, and says nothing of the migrations. */
const BOOKKEEPING = ['Events', 'EventCount', 'EventTopics', 'BlockWeight', 'ExecutionPhase', 'LastRuntimeUpgrade']
/** `:extrinsic_index`, `:intrablock_entropy` */
const WELL_KNOWN = ['0x3a65787472696e7369635f696e646578', '0x3a696e747261626c6f636b5f656e74726f7079']

/** The runtime API by its hash, and which checks it is asked for: all. */
const TRY_RUNTIME: Hex = blake2AsHex('TryRuntime', 64)
const ALL_CHECKS: Hex = '0x01'

/** Opens the first block with and without the migrations, keeping neither: what differs is what they changed.
 *  @param arm the new runtime over the old state
 *  @returns `null` when the runtime, by name and version, is no upgrade of what ran last: it runs no migrations
 *  @throws E370 when the block fails, or the runtime's own checks of its migrations do */
export async function tryMigrations(
  arm: EngineArm,
  codecs: { readonly before: StorageCodec; readonly after: StorageCodec },
  { specName, specVersion, apis }: SpecVersion,
  first: FirstBlock,
  at: string,
): Promise<Migrations | null> {
  const codec = codecs.after
  const lastUpgrade = codec.key('System', 'LastRuntimeUpgrade')
  const [last = null] = await arm.read([lastUpgrade])
  if (!isUpgrade(codec.decode('System', 'LastRuntimeUpgrade', last), { specName, specVersion })) return null

  const attempt = (fn: string, args: Hex): Promise<CallResult> => orStops(arm.call(fn, args), first, at)
  const checked = apis.includes(TRY_RUNTIME) ? await attempt('TryRuntime_on_runtime_upgrade', ALL_CHECKS) : undefined
  const migrated = await attempt('Core_initialize_block', first.header)
  const upgraded = codec.encode('System', 'LastRuntimeUpgrade', { spec_name: specName, spec_version: specVersion })
  await arm.write([[lastUpgrade, upgraded]])
  const unmigrated = await arm.call('Core_initialize_block', first.header).catch((error: unknown) => {
    if (error instanceof EpochdiffError) return undefined
    throw error
  })
  await arm.write([[lastUpgrade, last]])

  const changes = await differences(arm, codec, migrated.storageDiff, unmigrated?.storageDiff ?? [])
  const known = new Set(unmigrated?.logs.map(({ message }) => message))
  return {
    isolated: unmigrated !== undefined,
    changes: showChanges(changes, codecs),
    weight:
      checked !== undefined
        ? weightOf(checked.result)
        : unmigrated === undefined
          ? null
          : addedWeight(codec, migrated.storageDiff, unmigrated.storageDiff),
    logs: migrated.logs
      .filter(({ message }) => !known.has(message))
      .map(({ level, target, message }) => `${level} ${target}: ${message}`),
    tryRuntime: checked === undefined ? 'absent' : 'passed',
  }
}

/** What an engine cannot do of the first block, as an error about the patch (E370). */
export async function orStops<T>(work: Promise<T>, { number }: FirstBlock, at: string): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (!(cause instanceof EpochdiffError)) throw cause
    throw migrationFailed({ at, block: number, cause: cause.short }, { cause })
  }
}

/** As the frame decides it. */
function isUpgrade(last: unknown, { specName, specVersion }: Pick<SpecVersion, 'specName' | 'specVersion'>): boolean {
  if (last === null) return true
  const { spec_name, spec_version } = last as { spec_name: string; spec_version: bigint | number }
  return BigInt(specVersion) > BigInt(spec_version) || specName !== spec_name
}

/** What the one block leaves otherwise than the other; `before` is what both found. */
async function differences(
  arm: EngineArm,
  codec: StorageCodec,
  migrated: StorageDiff,
  unmigrated: StorageDiff,
): Promise<RawChange[]> {
  const own = BOOKKEEPING.filter((item) => codec.has('System', item)).map((item) => codec.prefix('System', item))
  const isOwn = (key: Hex) => WELL_KNOWN.includes(key) || own.some((prefix) => key.startsWith(prefix))
  const [ours, theirs] = [new Map(migrated), new Map(unmigrated)]
  const keys = [...new Set([...ours.keys(), ...theirs.keys()])].filter((key) => !isOwn(key)).sort()
  const values = await arm.read(keys)
  return keys.flatMap((key, index) => {
    const before = values[index] ?? null
    const after = ours.has(key) ? (ours.get(key) ?? null) : before
    const without = theirs.has(key) ? (theirs.get(key) ?? null) : before
    return after === without ? [] : [{ key, before, after }]
  })
}

/** Of `(Weight, Weight)`, the one that was used. */
function weightOf(result: Hex): Migrations['weight'] {
  const reader = new ScaleReader(Buffer.from(result.slice(2), 'hex'))
  const [refTime, proofSize] = [reader.compact(), reader.compact()]
  return { refTime: String(refTime), proofSize: String(proofSize) }
}

/** The frame registers what the migrations took as mandatory weight of the block. */
function addedWeight(codec: StorageCodec, migrated: StorageDiff, unmigrated: StorageDiff): Migrations['weight'] {
  if (!codec.has('System', 'BlockWeight')) return null
  const key = codec.key('System', 'BlockWeight')
  const mandatory = (diff: StorageDiff) => {
    const value = diff.find(([written]) => written === key)?.[1] ?? null
    const weights = codec.decode('System', 'BlockWeight', value) as { mandatory: Record<string, bigint> }
    return { refTime: weights.mandatory['ref_time'] ?? 0n, proofSize: weights.mandatory['proof_size'] ?? 0n }
  }
  const [ours, theirs] = [mandatory(migrated), mandatory(unmigrated)]
  return { refTime: String(ours.refTime - theirs.refTime), proofSize: String(ours.proofSize - theirs.proofSize) }
}
