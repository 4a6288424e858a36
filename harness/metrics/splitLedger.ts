import type { Ledger } from '../ledger/ledger.js'

/** One ledger for each subnet, by netuid. */
export function bySubnet(ledger: Ledger): Map<number, Ledger> {
  return split(ledger, ({ netuid }) => netuid)
}

/** One ledger for each epoch of the run, in order. */
export function byEpochOf(ledger: Ledger): Map<number, Ledger> {
  return split(ledger, ({ epoch }) => epoch)
}

/** Ascending by key. */
function split(ledger: Ledger, keyOf: (place: { epoch: number; netuid: number }) => number): Map<number, Ledger> {
  const keys = [...new Set(ledger.totals.map(keyOf))].sort((a, b) => a - b)
  const parts = new Map(keys.map((key) => [key, { entries: [], totals: [], vectors: [] } as MutableLedger]))
  for (const entry of ledger.entries) parts.get(keyOf(entry))?.entries.push(entry)
  for (const totals of ledger.totals) parts.get(keyOf(totals))?.totals.push(totals)
  for (const vectors of ledger.vectors) parts.get(keyOf(vectors))?.vectors.push(vectors)
  return parts
}

type MutableLedger = { [member in keyof Ledger]: Ledger[member][number][] }
