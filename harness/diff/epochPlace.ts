/** Names one epoch of one subnet in a run. */
export interface EpochPlace {
  readonly epoch: number
  readonly netuid: number
}

export function epochKey({ epoch, netuid }: EpochPlace): string {
  return `${epoch} ${netuid}`
}

/** By epoch, then netuid. */
export function inOrder<Place extends EpochPlace>(places: readonly Place[]): Place[] {
  return places.toSorted((a, b) => a.epoch - b.epoch || a.netuid - b.netuid)
}

/** The records of each epoch, under its `epochKey`. */
export function byEpoch<Place extends EpochPlace>(records: readonly Place[]): Map<string, Place[]> {
  const groups = new Map<string, Place[]>()
  for (const record of records) {
    const group = groups.get(epochKey(record))
    if (group === undefined) groups.set(epochKey(record), [record])
    else group.push(record)
  }
  return groups
}
