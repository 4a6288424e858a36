import type { CallResult, StorageDiff } from '../engine/engine.js'
import { inherentRefused } from '../errors/replay.js'
import { ScaleReader } from '../fork/scaleType.js'
import type { Hex } from '../fork/forkState.js'

/** What follows the opening of a block. */
interface CompletedBlock {
  /** What each call changed, in order. */
  readonly storageDiffs: readonly StorageDiff[]
  readonly mockedHostFunctions: readonly string[]
}

/** Applies the inherents that the runtime makes of `inherentData` to the block that was opened, and closes it.
 *  @param call commits
 *  @throws E525 when the runtime refuses an inherent of its own, besides what `call` throws */
export async function completeBlock(
  call: (fn: string, args: Hex) => Promise<CallResult>,
  block: number,
  inherentData: Hex,
): Promise<CompletedBlock> {
  const calls: CallResult[] = []
  const made = await call('BlockBuilder_inherent_extrinsics', inherentData)
  for (const extrinsic of extrinsicsOf(made.result)) {
    const applied = await call('BlockBuilder_apply_extrinsic', extrinsic)
    // ApplyExtrinsicResult: the outer Ok says it was valid, the inner that it was dispatched.
    if (applied.result !== '0x0000') throw inherentRefused({ block, extrinsic, result: applied.result })
    calls.push(applied)
  }
  calls.push(await call('BlockBuilder_finalize_block', '0x'))
  return {
    storageDiffs: calls.map(({ storageDiff }) => storageDiff),
    mockedHostFunctions: [...new Set(calls.flatMap(({ mockedHostFunctions }) => mockedHostFunctions))],
  }
}

/** Opaque extrinsics, each with its length in front as it is applied. */
function extrinsicsOf(result: Hex): Hex[] {
  const reader = new ScaleReader(Buffer.from(result.slice(2), 'hex'))
  return Array.from({ length: reader.length() }, () => {
    const start = reader.offset
    reader.take(reader.length())
    return `0x${Buffer.from(reader.bytes.subarray(start, reader.offset)).toString('hex')}` as Hex
  })
}
