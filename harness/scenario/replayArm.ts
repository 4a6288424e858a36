import { createHash } from 'node:crypto'
import type { EngineArm, StorageDiff } from '../engine/engine.js'
import { GATHERED } from '../ledger/gatheredEmission.js'
import type { Ledger } from '../ledger/ledger.js'
import { BEFORE_DYNAMIC_TAO } from '../ledger/loadedEmission.js'
import { readEpoch } from '../ledger/readEpoch.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { gathersByHotkey, paysABlockLater } from '../replay/laterPayment.js'
import { describeJump, type ReplayPlan, replayEpochs } from '../replay/replayEpochs.js'
import type { EpochPools } from '../runtime/movedRao.js'

/** What one arm did over a run. */
export interface ArmRun {
  readonly ledger: Ledger
  /** sha256, hex, of the storage that each epoch's block changed, in the order of the ledger's totals. */
  readonly storageSha256: readonly string[]
  /** What was mocked on the way, each thing once. */
  readonly mocks: readonly string[]
}

/** Replays an arm and reads its ledger epoch by epoch; of the states only hashes are kept.
 *  @param onEpoch called with each epoch's record, the ledger already read
 *  @param movedRao what the arm's policies move from validators to miners in an epoch */
export async function replayArm(
  arm: EngineArm,
  plan: ReplayPlan,
  onEpoch: (record: EpochRecord) => void,
  signal: AbortSignal,
  movedRao?: (epoch: EpochPools) => bigint,
): Promise<ArmRun> {
  const ledgers: Ledger[] = []
  const storageSha256: string[] = []
  const mocks = new Set<string>(
    paysABlockLater(plan.codec) ? [BEFORE_DYNAMIC_TAO] : gathersByHotkey(plan.codec) ? [GATHERED] : [],
  )
  for await (const record of replayEpochs(arm, plan, undefined, signal)) {
    ledgers.push(readEpoch(plan.codec, record, movedRao))
    storageSha256.push(hashOf(record.storageDiff))
    for (const jump of record.jumps) mocks.add(describeJump(jump))
    for (const name of record.mockedHostFunctions) mocks.add(`The engine answered for the host function ${name}.`)
    onEpoch(record)
  }
  const ledger = {
    entries: ledgers.flatMap(({ entries }) => entries),
    totals: ledgers.flatMap(({ totals }) => totals),
    vectors: ledgers.flatMap(({ vectors }) => vectors),
  }
  return { ledger, storageSha256, mocks: [...mocks] }
}

function hashOf(diff: StorageDiff): string {
  const hash = createHash('sha256')
  for (const [key, value] of diff) hash.update(`${key} ${value ?? 'removed'}\n`)
  return hash.digest('hex')
}
