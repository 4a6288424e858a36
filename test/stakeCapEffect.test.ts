import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { EpochVectors, Role } from '../harness/ledger/ledger.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { independentYuma, type Row, type YumaInput, type YumaOutput } from './independentYuma.js'
import { openSn31Replay, type ReplayedEpoch, type Sn31Replay } from './replaySn31.js'

// What a policy does to an epoch, recomputed without the chain's code: the state before the third epoch of an arm goes into a
// second implementation of the epoch, and what comes out is compared with what the arm's ledger says.

const netuid = 31
const epochs = 3
/** Amounts that the chain and the second implementation may differ by, for their roundings. */
const slackRao = 2n

const cap: PolicyPatch = { kind: 'policy', policy: 'stake-cap', params: { percentile: 88, scope: 'permitted' } }
const byPerformance: PolicyPatch = {
  kind: 'policy',
  policy: 'performance-weighted',
  params: { lambda: 0.5, pool: 'both' },
}

let replay: Sn31Replay
let baseline: ReplayedEpoch
let capped: ReplayedEpoch
let weighted: ReplayedEpoch

beforeAll(async () => {
  replay = await openSn31Replay()
  baseline = await third([])
  capped = await third([cap])
  weighted = await third([byPerformance])
}, 240_000)
afterAll(() => replay.close())

async function third(patches: readonly PolicyPatch[]): Promise<ReplayedEpoch> {
  const epoch = (await replay.arm(patches, epochs)).at(-1)
  if (epoch === undefined) throw new Error('no epoch')
  return epoch
}

/** What the epoch starts from, read entry by entry. */
function inputOf({ block, before }: ReplayedEpoch): Required<Omit<YumaInput, 'cap' | 'withheld'>> {
  const { codec } = replay
  const read = (item: string, ...args: readonly unknown[]) =>
    codec.decode('SubtensorModule', item, before.get(codec.key('SubtensorModule', item, ...args)) ?? null)
  const number = (item: string) => Number(read(item, netuid))
  const uids = Array.from({ length: number('SubnetworkN') }, (_, uid) => uid)
  const hotkeys = uids.map((uid) => String(read('Keys', netuid, uid)))
  const tempo = number('Tempo')
  const { serverRao, validatorRao } = emittedInABlock(Number(read('SubnetOwnerCut')))
  // The epoch's own block still adds its part before the epoch takes everything.
  expect(read('PendingServerEmission', netuid)).toBe(serverRao * BigInt(tempo - 1))
  expect(read('PendingValidatorEmission', netuid)).toBe(validatorRao * BigInt(tempo - 1))
  return {
    params: {
      block,
      tempo,
      lastMechanismStepBlock: number('LastMechansimStepBlock'),
      activityCutoff: Math.floor((number('ActivityCutoffFactorMilli') * tempo) / 1000),
      kappa: number('Kappa'),
      bondsPenalty: number('BondsPenalty'),
      bondsMovingAverage: number('BondsMovingAverage'),
      maxAllowedValidators: number('MaxAllowedValidators'),
      stakeThresholdRao: BigInt(String(read('StakeThreshold'))),
    },
    stakeRao: hotkeys.map((hotkey) => BigInt(String(read('TotalHotkeyAlpha', hotkey, netuid)))),
    weights: uids.map((uid) => read('Weights', netuid, uid) as Row),
    bonds: uids.map((uid) => read('Bonds', netuid, uid) as Row),
    lastUpdate: (read('LastUpdate', netuid) as unknown[]).map(Number),
    registrationBlock: uids.map((uid) => Number(read('BlockAtRegistration', netuid, uid))),
    permits: read('ValidatorPermit', netuid) as boolean[],
    take: hotkeys.map((hotkey) => Number(read('Delegates', hotkey))),
    serverRao: serverRao * BigInt(tempo),
    validatorRao: validatorRao * BigInt(tempo),
  }
}

/** One alpha: the owner's cut (u16, 65535 = 1) off it, the rest in halves; numbers x as x * 2^32, rounded down. */
function emittedInABlock(ownerCut: number): { serverRao: bigint; validatorRao: bigint } {
  const alpha = 1_000_000_000n << 32n
  const left = alpha - ((alpha * ((BigInt(ownerCut) << 32n) / 65_535n)) >> 32n)
  return { serverRao: (left / 2n) >> 32n, validatorRao: (left - left / 2n) >> 32n }
}

/** What a role was paid, by uid. */
function paidByUid({ ledger }: ReplayedEpoch, role: Role): bigint[] {
  const paid = vectorsOf(ledger).hotkeys.map(() => 0n)
  for (const entry of ledger.entries) {
    if (entry.role === role && entry.uid !== undefined) paid[entry.uid] = (paid[entry.uid] ?? 0n) + entry.alphaRao
  }
  return paid
}

function vectorsOf({ vectors: [vectors] }: ReplayedEpoch['ledger']): EpochVectors {
  if (vectors === undefined) throw new Error('no vectors')
  return vectors
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)

const furthest = (ours: readonly number[], theirs: readonly number[]) => {
  expect(ours).toHaveLength(theirs.length)
  return Math.max(...ours.map((value, uid) => Math.abs(value - (theirs[uid] ?? NaN))))
}

const furthestRao = (ours: readonly bigint[], theirs: readonly bigint[]) => {
  expect(ours).toHaveLength(theirs.length)
  const distances = ours.map((amount, uid) => amount - (theirs[uid] ?? 0n)).map((rao) => (rao < 0n ? -rao : rao))
  return distances.reduce((max, rao) => (rao > max ? rao : max), 0n)
}

function expectSameVectors(epoch: ReplayedEpoch, again: YumaOutput): void {
  const vectors = vectorsOf(epoch.ledger)
  expect(furthest(vectors.incentive, again.incentive)).toBeLessThanOrEqual(1)
  expect(furthest(vectors.dividends, again.dividends)).toBeLessThanOrEqual(1)
  expect(furthest(vectors.consensus, again.consensus)).toBeLessThanOrEqual(1)
  expect(furthest(vectors.validatorTrust, again.validatorTrust)).toBeLessThanOrEqual(1)
  expect(furthest(vectors.stakeWeight, again.stakeWeight)).toBeLessThanOrEqual(1)
  expect(vectors.validatorPermit).toEqual(again.permits)
  expect(vectors.active).toEqual(again.active)
}

function expectSamePay(epoch: ReplayedEpoch, miners: readonly bigint[], validators: readonly bigint[]): void {
  expect(furthestRao(paidByUid(epoch, 'miner'), miners)).toBeLessThanOrEqual(slackRao)
  expect(furthestRao(paidByUid(epoch, 'validator'), validators)).toBeLessThanOrEqual(slackRao)
  const others = epoch.ledger.entries.filter(({ role }) => role !== 'miner' && role !== 'validator')
  expect(others.map(({ role, uid }) => [role, uid])).toEqual([['owner', undefined]])
}

describe('the third epoch of subnet 31, computed a second time', () => {
  it('is that of the baseline without a cap', () => {
    const again = independentYuma(inputOf(baseline))
    expectSameVectors(baseline, again)
    expectSamePay(baseline, again.minerPaidRao, again.validatorPaidRao)
  })

  it('is that of the candidate with the cap at the 88th percentile of the permitted', () => {
    const input = inputOf(capped)
    const again = independentYuma({ ...input, cap: { percentile: 88, scope: 'permitted' } })
    expectSameVectors(capped, again)
    expectSamePay(capped, again.minerPaidRao, again.validatorPaidRao)
  })

  it('tells the cap from no cap, from another percentile and from the other scope', () => {
    const input = inputOf(capped)
    const paid = paidByUid(capped, 'validator')
    for (const other of [
      undefined,
      { percentile: 90, scope: 'permitted' },
      { percentile: 88, scope: 'all' },
    ] as const) {
      const again = independentYuma(other === undefined ? input : { ...input, cap: other })
      expect(furthestRao(paid, again.validatorPaidRao)).toBeGreaterThan(1_000_000n * slackRao)
    }
  })

  it('is that of the candidate which pays half by performance', () => {
    const input = inputOf(weighted)
    const again = independentYuma(input)
    expectSameVectors(weighted, again)
    // By what the chain stored: a unit of 65535 would be more than the amounts may differ by.
    const { consensus, validatorTrust } = vectorsOf(weighted.ledger)
    const miners = halfByPerformance(again.serverRao, consensus)
    const validators = halfByPerformance(again.validatorRao, validatorTrust)
    // The chain pays validators by proportions in 2^-32, which alone take some 30 rao off a share.
    const shares = validators.map((rao) => (rao << 32n) / sum(validators))
    expectSamePay(
      weighted,
      miners,
      shares.map((share) => (share * input.validatorRao) >> 32n),
    )
    expect(furthestRao(miners, again.serverRao)).toBeGreaterThan(1_000_000n * slackRao)
    expect(furthestRao(validators, again.validatorRao)).toBeGreaterThan(1_000_000n * slackRao)
  })
})

/** (r_i + perf_i / sum perf) / 2 of a pool, rounded down. */
function halfByPerformance(rao: readonly bigint[], performance: readonly number[]): bigint[] {
  const [pool, all] = [sum(rao), BigInt(performance.reduce((total, value) => total + value, 0))]
  return rao.map((amount, uid) => (amount * all + pool * BigInt(performance[uid] ?? 0)) / (2n * all))
}
