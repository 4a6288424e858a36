import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'

/** What the events of an epoch's block say about one subnet. */
export interface EpochEvents {
  /** Incentive of each uid in rao, one list a mechanism, as the epoch computed it (before a policy at `epoch_rewards`). */
  readonly incentives: readonly (readonly bigint[])[]
  /** Incentives that were staked to another hotkey than the one that earned them, as they were paid. */
  readonly autoStakes: readonly {
    readonly miner: string
    readonly destination: string
    readonly coldkey: string
    readonly rao: bigint
  }[]
  /** Whether a leased subnet moved owner's alpha to its contributors in this block. */
  readonly leasePaid: boolean
}

const MECHANISM_STRIDE = 4096

/** @param raw System.Events of the block; `null` when there are none */
export function epochEvents(codec: StorageCodec, raw: Hex | null, netuid: number): EpochEvents {
  const incentives: bigint[][] = []
  const autoStakes: EpochEvents['autoStakes'][number][] = []
  let leasePaid = false
  for (const { event } of codec.decode('System', 'Events', raw) as { event: Record<string, unknown> }[]) {
    const own = event['SubtensorModule']
    if (typeof own !== 'object' || own === null) continue
    const [[name, fields] = ['', null]] = Object.entries(own) as [string, Record<string, unknown>][]
    if (name === 'IncentiveAlphaEmittedToMiners' && Number(fields?.['netuid']) % MECHANISM_STRIDE === netuid) {
      incentives.push(fields?.['emissions'] as bigint[])
    } else if (name === 'AutoStakeAdded' && fields?.['netuid'] === netuid) {
      autoStakes.push({
        miner: String(fields['hotkey']),
        destination: String(fields['destination']),
        coldkey: String(fields['owner']),
        rao: fields['incentive'] as bigint,
      })
    } else if (name === 'SubnetLeaseDividendsDistributed') {
      leasePaid = true
    }
  }
  return { incentives, autoStakes, leasePaid }
}
