import type { ForkSource } from './forkState.js'
import type { Sn31Assumptions } from './sn31Assumptions.js'
import type { Sn31Data } from './sn31Data.js'
import type { Feed } from './feed.js'

/** What of the fork and its feed is recorded and what is assumed, in sentences of a report.
 *  @param runtime implementation and spec version of the runtime that the fork runs on */
export function sn31Source(data: Sn31Data, assume: Sn31Assumptions, feed: Feed, runtime: string): ForkSource {
  const [first, last] = [data.blocks[0] ?? 0, feed.steps.at(-1)?.block ?? 0]
  const staked = data.stake.filter((stake) => stake > 0)
  const totalRao = staked.reduce((sum, stake) => sum + BigInt(stake), 0n)
  const rows = feed.steps.reduce((sum, step) => sum + step.weightRows, 0)
  const registrations = feed.steps.reduce((sum, step) => sum + step.registrations.length, 0)
  return {
    kind: 'built-in',
    name: `sn31: subnet 31 of ${data.network}, blocks ${grouped(first)} to ${grouped(last)}`,
    recorded: [
      'Source: renlabs-dev/subspace-network, tests/src/data/sn31_sim.msgpack at 1252e225 (MIT-0).',
      `Stake of ${data.n} uids at block ${grouped(first)}: ${staked.length} above zero, ${grouped(totalRao / 1_000_000_000n)} in all; ${data.validatorPermit[0]?.length ?? 0} validator permits at that block.`,
      `Inputs of ${feed.steps.length} ${feed.steps.length === 1 ? 'epoch' : `epochs, ${data.blockSpacing} blocks apart`}: ${grouped(rows)} weight rows with their last updates, ${registrations} registrations that replace the holder of a uid.`,
    ],
    assumed: [
      'Hotkeys and coldkeys are made up: one pair for each registration of a uid, a pair for the subnet owner, whose hotkey holds no uid.',
      `Recorded stake (TAO then) counts as alpha of the subnet, held by each hotkey's own coldkey: there are no nominators, no parent or child keys and no root stake.`,
      'After the first sample stake and permits follow from the replay itself: each arm compounds what it was paid.',
      'A hotkey that takes over a uid has no stake; the one before it keeps its stake, off the subnet.',
      'Before the first epoch there are no bonds, and all outputs of an epoch but the permits are zero.',
      'Each block emits 1 alpha; no pool, price or TAO emission is recorded, and none is simulated.',
      `One mechanism, weights without commit-reveal; the runtime is ${runtime}, not the one of these blocks.`,
      `The fork stands at block ${grouped(first - data.blockSpacing)}, right after an epoch; the subnet exists and emits since block ${grouped(assume.networkRegisteredAt)}.`,
      `${yuma(assume)}, Tempo ${assume.tempo}, MaxAllowedValidators ${assume.maxAllowedValidators}, Kappa ${assume.kappa}, BondsMovingAverage ${assume.bondsMovingAverage}, BondsPenalty ${assume.bondsPenalty}, StakeThreshold ${grouped(assume.stakeThreshold)} rao.`,
      `A uid is inactive ${grouped(Math.max(1, Math.floor((assume.activityCutoffFactorMilli * assume.tempo) / 1000)))} blocks after its last weights (ActivityCutoffFactorMilli ${assume.activityCutoffFactorMilli}).`,
      `${assume.ownerCutEnabled ? `Owner cut ${percent(assume.subnetOwnerCut)}` : 'No owner cut'}; delegate take ${percent(assume.delegateTake)}, which without nominators stays with the same coldkey; TaoWeight ${assume.taoWeight}, without effect.`,
    ],
  }
}

function yuma({ yuma3On, liquidAlphaOn, alphaValues, alphaSigmoidSteepness }: Sn31Assumptions): string {
  const liquid = `AlphaValues ${alphaValues.join(' to ')}, AlphaSigmoidSteepness ${alphaSigmoidSteepness}`
  if (!yuma3On) return liquidAlphaOn ? 'Yuma2 (liquid alpha has no effect on it)' : 'Yuma2'
  return liquidAlphaOn ? `Yuma3 with liquid alpha (${liquid})` : 'Yuma3'
}

const percent = (of65535: number): string => `${((of65535 / 65_535) * 100).toFixed(2)} % (${of65535}/65535)`
const grouped = (value: number | bigint): string => value.toLocaleString('en-US')
