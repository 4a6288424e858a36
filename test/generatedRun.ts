import { diffLedgers } from '../harness/diff/diffLedgers.js'
import { randomStream } from '../harness/fork/random.js'
import type { EpochVectors, Ledger, RewardEntry, Role } from '../harness/ledger/ledger.js'
import { compareConcentration } from '../harness/metrics/compareConcentration.js'
import type { FinishedRun } from '../harness/report/buildRunResult.js'
import { exampleRun } from './exampleRun.js'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** A made-up run of the size of a network, for what must stay fast and small: every subnet has `accounts / subnets` paid accounts. */
export function generatedRun(size: { subnets: number; accounts: number; epochs: number }): FinishedRun {
  const random = randomStream(7, 'generated-run')
  let made = 0
  // Different, and as long as an address is; drawing every letter would take longer than the test.
  const address = () => `5${String((made += 1)).replaceAll('0', 'z')}${randomLetters}`.slice(0, 48)
  const randomLetters = Array.from({ length: 47 }, () => ALPHABET[random.below(58)]).join('')
  const netuids = Array.from({ length: size.subnets }, (_, netuid) => netuid + 1)
  const subnets = netuids.map((netuid, i) => {
    const count = Math.floor(((i + 1) * size.accounts) / size.subnets) - Math.floor((i * size.accounts) / size.subnets)
    const neurons = Array.from({ length: Math.max(2, Math.min(256, count - 1)) }, () => ({
      hotkey: address(),
      coldkey: address(),
      stakeRao: random.pareto(5) >> 8n,
    }))
    const payments = Array.from(
      { length: count },
      (_, place): Omit<RewardEntry, 'epoch' | 'alphaRao'> & { rao: bigint } => {
        const uid = place % neurons.length
        const neuron = neurons[uid] ?? { hotkey: '', coldkey: '', stakeRao: 0n }
        const role: Role = place >= neurons.length ? 'nominator' : uid < 32 ? 'validator' : 'miner'
        const coldkey = role === 'nominator' ? address() : neuron.coldkey
        return { netuid, uid, hotkey: neuron.hotkey, coldkey, role, rao: 1_000_000n + (random.pareto(4) >> 12n) }
      },
    )
    return { netuid, neurons, payments }
  })
  const arm = (change: (rao: bigint) => bigint): Ledger => {
    const places = Array.from({ length: size.epochs }, (_, epoch) => epoch).flatMap((epoch) =>
      subnets.map((subnet) => ({ epoch, ...subnet })),
    )
    const entries = places.flatMap(({ epoch, payments }) =>
      payments.map(({ rao, ...who }): RewardEntry => ({ epoch, ...who, alphaRao: change(rao) })),
    )
    const paid = new Map<string, bigint>()
    for (const { epoch, netuid, alphaRao } of entries) {
      paid.set(`${epoch} ${netuid}`, (paid.get(`${epoch} ${netuid}`) ?? 0n) + alphaRao)
    }
    return {
      entries,
      totals: places.map(({ epoch, netuid }) => {
        const paidRao = paid.get(`${epoch} ${netuid}`) ?? 0n
        const sums = { drainedRao: paidRao, paidRao, unpaidRao: 0n, unownedRao: 0n, slackRao: 0n, creditedRao: paidRao }
        return { epoch, netuid, block: 1000 + 360 * epoch, ...sums }
      }),
      vectors: places.map(({ epoch, netuid, neurons }): EpochVectors => {
        const all = <T>(value: (uid: number) => T) => neurons.map((_, uid) => value(uid))
        return {
          epoch,
          netuid,
          hotkeys: neurons.map(({ hotkey }) => hotkey),
          coldkeys: neurons.map(({ coldkey }) => coldkey),
          stakeRao: neurons.map(({ stakeRao }) => stakeRao),
          stakeWeight: all((uid) => (uid < 32 ? 2000 - uid : 0)),
          consensus: all((uid) => (uid < 32 ? 0 : 100 + uid)),
          incentive: all((uid) => (uid < 32 ? 0 : 100 + uid)),
          dividends: all((uid) => (uid < 32 ? 2000 : 0)),
          validatorTrust: all((uid) => (uid < 32 ? 60_000 - uid : 0)),
          validatorPermit: all((uid) => uid < 32),
          active: all(() => true),
        }
      }),
    }
  }
  const baseline = arm((rao) => rao)
  const candidate = arm((rao) => (rao > 4_000_000n ? (rao * 3n) / 4n : (rao * 9n) / 8n))
  return {
    ...exampleRun(),
    baseline,
    candidate,
    storageSha256: {
      baseline: baseline.totals.map(() => '1'.repeat(64)),
      candidate: candidate.totals.map(() => '2'.repeat(64)),
    },
    diff: diffLedgers(baseline, candidate),
    concentrations: compareConcentration(baseline, candidate),
    subnets: netuids.map((netuid) => ({
      netuid,
      name: `Generated ${netuid}`,
      alphaPriceRao: String(netuid * 1_000_000),
    })),
    identities: {},
  }
}
