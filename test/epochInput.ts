import type { EpochVectors, Role } from '../harness/ledger/ledger.js'
import type { Row, YumaInput } from './independentYuma.js'
import type { ReplayedEpoch, Sn31Replay } from './replaySn31.js'

/** What the second implementation of the epoch needs of a replayed epoch of subnet 31, read entry by entry from the state
 *  before it. To the pendings the epoch's own block still adds its part. */
export function epochInput(
  { codec }: Sn31Replay,
  { block, before }: ReplayedEpoch,
): Required<Omit<YumaInput, 'cap' | 'withheld'>> {
  const netuid = 31
  const read = (item: string, ...args: readonly unknown[]) =>
    codec.decode('SubtensorModule', item, before.get(codec.key('SubtensorModule', item, ...args)) ?? null)
  const number = (item: string) => Number(read(item, netuid))
  const uids = Array.from({ length: number('SubnetworkN') }, (_, uid) => uid)
  const hotkeys = uids.map((uid) => String(read('Keys', netuid, uid)))
  const pendingRao = (item: string) => BigInt(String(read(item, netuid)))
  const tempo = number('Tempo')
  const added = emittedInABlock(Number(read('SubnetOwnerCut')))
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
    serverRao: pendingRao('PendingServerEmission') + added.serverRao,
    validatorRao: pendingRao('PendingValidatorEmission') + added.validatorRao,
  }
}

/** One alpha: the owner's cut (u16, 65535 = 1) off it, the rest in halves; numbers x as x * 2^32, rounded down. */
function emittedInABlock(ownerCut: number): { serverRao: bigint; validatorRao: bigint } {
  const alpha = 1_000_000_000n << 32n
  const left = alpha - ((alpha * ((BigInt(ownerCut) << 32n) / 65_535n)) >> 32n)
  return { serverRao: (left / 2n) >> 32n, validatorRao: (left - left / 2n) >> 32n }
}

export function vectorsOf({ vectors: [vectors] }: ReplayedEpoch['ledger']): EpochVectors {
  if (vectors === undefined) throw new Error('no vectors')
  return vectors
}

/** What a role was paid, by uid. */
export function paidByUid({ ledger }: ReplayedEpoch, role: Role): bigint[] {
  const paid = vectorsOf(ledger).hotkeys.map(() => 0n)
  for (const entry of ledger.entries) {
    if (entry.role === role && entry.uid !== undefined) paid[entry.uid] = (paid[entry.uid] ?? 0n) + entry.alphaRao
  }
  return paid
}
