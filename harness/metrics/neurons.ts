import type { Ledger } from '../ledger/ledger.js'

/** What one hotkey was on one subnet over a run, in one arm. */
export interface Neuron {
  readonly netuid: number
  readonly hotkey: string
  /** Of its last epoch. */
  readonly coldkey: string
  readonly uid: number
  /** Sums over the epochs in which it held a uid: stake before the epoch in rao, Consensus and ValidatorTrust in u16 parts. */
  readonly stakeRao: bigint
  readonly consensus: bigint
  readonly validatorTrust: bigint
  /** What it was paid as a miner, and what its dividends paid: to it, its nominators and root stakers. */
  readonly minerRao: bigint
  readonly validatorRao: bigint
}

/** Every hotkey that held a uid in some epoch, by netuid; in a subnet by hotkey, in the order they first appear. */
export function neurons(ledger: Ledger): ReadonlyMap<number, ReadonlyMap<string, Neuron>> {
  const subnets = new Map<number, Map<string, Mutable<Neuron>>>()
  for (const { netuid } of ledger.totals) if (!subnets.has(netuid)) subnets.set(netuid, new Map())
  for (const epoch of ledger.vectors) {
    const subnet = subnets.get(epoch.netuid)
    epoch.hotkeys.forEach((hotkey, uid) => {
      const known = subnet?.get(hotkey)
      subnet?.set(hotkey, {
        netuid: epoch.netuid,
        hotkey,
        coldkey: epoch.coldkeys[uid] ?? '',
        uid,
        stakeRao: (known?.stakeRao ?? 0n) + (epoch.stakeRao[uid] ?? 0n),
        consensus: (known?.consensus ?? 0n) + BigInt(epoch.consensus[uid] ?? 0),
        validatorTrust: (known?.validatorTrust ?? 0n) + BigInt(epoch.validatorTrust[uid] ?? 0),
        minerRao: 0n,
        validatorRao: 0n,
      })
    })
  }
  for (const { netuid, hotkey, role, alphaRao } of ledger.entries) {
    const neuron = subnets.get(netuid)?.get(hotkey)
    if (neuron === undefined) continue
    if (role === 'miner') neuron.minerRao += alphaRao
    if (role === 'validator' || role === 'nominator' || role === 'root') neuron.validatorRao += alphaRao
  }
  return subnets
}

type Mutable<T> = { -readonly [member in keyof T]: T[member] }
