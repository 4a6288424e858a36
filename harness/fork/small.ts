import { z } from 'zod'
import type { Feed } from './feed.js'
import type { ForkState, Hex } from './forkState.js'
import type { ChildKey, MadeUpChain, MadeUpSubnet, Stake } from './madeUpChain.js'
import { madeUpStorage } from './madeUpStorage.js'
import {
  type Account,
  drawMinerStakes,
  drawStakes,
  drawTake,
  drawUids,
  drawWeights,
  madeUpAccount,
  type Nomination,
  permittedHotkeys,
  populationSentences,
  stakeWeights,
} from './population.js'
import { type Random, randomStream } from './random.js'
import type { StorageCodec } from './storageCodec.js'
import { madeUpHash, runtimeVersion } from './storageParts.js'

const HEAD = 100_000
const SUBNET_AGE = 50_000
const TAO = 1_000_000_000n
/** 0.18 */
const TAO_WEIGHT = 3_320_413_933_267_719_290n
const STAKE_THRESHOLD_RAO = 1_000n * TAO
const WHOLE = (1n << 64n) - 1n
const OPERATORS = 8
const WALLETS = 60
const ROOT_RAO = 500_000n * TAO
/** Pareto of tail index 4 / 3. */
const NOMINATION = { nominators: [2, 6], quarters: 3 } as const

const common = {
  Kappa: 32_767,
  BondsMovingAverage: 900_000,
  // Weights are never set again: what counts at first counts for 200 tempos.
  ActivityCutoffFactorMilli: 200_000,
  Yuma3On: false,
  LiquidAlphaOn: false,
  BondsPenalty: 65_535,
}

/** What is not drawn of each subnet. */
const PLANS = [
  {
    netuid: 1,
    uids: 64,
    tempo: 20,
    sinceEpoch: 0,
    operators: 8,
    ownValidators: 8,
    mechanisms: 1,
    ownerUid: true,
    poolTao: 110_000n,
    poolAlpha: 200_000n,
    staked: 300_000n,
    parameters: { ...common, MaxAllowedValidators: 10 },
  },
  {
    netuid: 2,
    uids: 48,
    tempo: 24,
    sinceEpoch: 7,
    operators: 8,
    ownValidators: 4,
    mechanisms: 1,
    ownerUid: true,
    poolTao: 90_000n,
    poolAlpha: 200_000n,
    staked: 250_000n,
    parameters: {
      ...common,
      MaxAllowedValidators: 16,
      Yuma3On: true,
      LiquidAlphaOn: true,
      AlphaValues: [45_875, 58_982],
      AlphaSigmoidSteepness: 1000,
      BondsPenalty: 32_768,
      RecycleOrBurn: 'Recycle',
    },
  },
  {
    netuid: 3,
    uids: 32,
    tempo: 30,
    sinceEpoch: 13,
    operators: 6,
    ownValidators: 3,
    mechanisms: 2,
    ownerUid: false,
    poolTao: 25_000n,
    poolAlpha: 100_000n,
    staked: 150_000n,
    parameters: { ...common, MaxAllowedValidators: 16, MechanismEmissionSplit: [40_000, 25_535] },
  },
] as const

export const SMALL_NETUIDS: readonly number[] = PLANS.map(({ netuid }) => netuid)

export const smallFork = z.strictObject({
  builtIn: z.literal('small').describe('A made-up chain of three subnets in which every role is paid.'),
  seed: z.int().min(0).describe('Of the draws: another seed is another chain of the same shape.'),
})

/** The built-in fork of a made-up chain of subnets 1, 2 and 3. Nothing is fed: weights stay as they were drawn.
 *  @throws E202 when the runtime lacks an item that the state needs */
export function forkSmall(from: { readonly seed: number; readonly codec: StorageCodec; readonly wasm: Uint8Array }): {
  fork: ForkState
  feed: Feed
} {
  const { seed, codec, wasm } = from
  const chain = smallChain(seed)
  const { impl_name, spec_version } = runtimeVersion(codec)
  const source = {
    kind: 'built-in' as const,
    name: `small: a made-up chain of subnets 1, 2 and 3, seed ${seed}`,
    recorded: [],
    assumed: sentences(chain, seed, `${impl_name}, spec ${spec_version}`),
  }
  return { fork: { source, header: chain.head, storage: madeUpStorage(chain, codec, wasm) }, feed: { steps: [] } }
}

function smallChain(seed: number): MadeUpChain {
  const random = randomStream(seed, 'small')
  const hotkeys = new Map<Hex, { coldkey: Hex; take: number }>()
  const open = (name: string, coldkey?: Hex): Account => {
    const made = madeUpAccount(`small/${name}`)
    const account = { ...made, coldkey: coldkey ?? made.coldkey }
    hotkeys.set(account.hotkey, { coldkey: account.coldkey, take: drawTake(random) })
    return account
  }
  const wallets = Array.from({ length: WALLETS }, (_, index) => madeUpAccount(`small/wallet/${index}`).coldkey)
  const nomination = { ...NOMINATION, wallets }
  const operators = Array.from({ length: OPERATORS }, (_, index) => open(`operator/${index}`))
  const rootStakes = drawStakes(randomStream(seed, 'small/root'), 0, ROOT_RAO, operators, nomination)
  const drawn = PLANS.map((plan) =>
    drawSubnet(randomStream(seed, `small/${plan.netuid}`), plan, open, operators, rootStakes, nomination),
  )
  const rootWallets = [...new Set(rootStakes.map(({ coldkey }) => coldkey))]
  return {
    head: { number: HEAD, hash: madeUpHash(`small/block/${HEAD}`) },
    parentHash: madeUpHash(`small/block/${HEAD - 1}`),
    taoWeight: TAO_WEIGHT,
    stakeThresholdRao: STAKE_THRESHOLD_RAO,
    ownerCut: 11_796,
    hotkeys,
    stakes: [...rootStakes, ...drawn.flatMap(({ stakes }) => stakes)],
    keepsClaims: new Set(rootWallets.filter(() => random.below(2) === 0)),
    freeRao: 10n * TAO,
    subnets: drawn.map(({ subnet }) => subnet),
  }
}

function drawSubnet(
  random: Random,
  plan: (typeof PLANS)[number],
  open: (name: string, coldkey?: Hex) => Account,
  operators: readonly Account[],
  rootStakes: readonly Stake[],
  nomination: Nomination,
): { subnet: MadeUpSubnet; stakes: readonly Stake[] } {
  const { netuid, tempo, parameters } = plan
  const list = (count: number, name: string) =>
    Array.from({ length: count }, (_, index) => open(`${netuid}/${name}/${index}`))
  const owner = open(`${netuid}/owner`)
  const own = list(plan.ownValidators, 'validator')
  const validators = [...random.pick(operators, plan.operators), ...own]
  const miners = list(plan.uids - validators.length - (plan.ownerUid ? 1 : 0), 'miner')

  // A parent that holds no uid, and one that belongs to the coldkey of its child.
  const [ownFirst, ownSecond] = own
  const [operator] = validators
  if (ownFirst === undefined || ownSecond === undefined || operator === undefined) throw new RangeError('no validators')
  const parent = open(`${netuid}/parent`)
  const sibling = open(`${netuid}/sibling`, ownSecond.coldkey)
  const children: ChildKey[] = [
    { parent: parent.hotkey, child: ownFirst.hotkey, proportion: WHOLE },
    { parent: sibling.hotkey, child: ownSecond.hotkey, proportion: WHOLE / 2n },
    { parent: operator.hotkey, child: ownFirst.hotkey, proportion: (WHOLE / 10n) * 3n },
  ]
  const stakers = [...validators, parent, sibling]
  const stakedRao = plan.staked * TAO
  const stakes = [
    ...drawStakes(random, netuid, (stakedRao * 99n) / 100n, stakers, nomination),
    ...drawMinerStakes(random, netuid, stakedRao / 100n, miners),
  ]

  const weights = stakeWeights([...rootStakes, ...stakes], netuid, TAO_WEIGHT)
  const permitted = permittedHotkeys(
    validators.map(({ hotkey }) => hotkey),
    weights,
    STAKE_THRESHOLD_RAO,
    parameters.MaxAllowedValidators,
  )
  const uids = drawUids(
    random,
    { head: HEAD, tempo },
    { first: plan.ownerUid ? [owner] : [], validators, miners },
    permitted,
  )
  const uidsOf = (accounts: readonly Account[]) => {
    const wanted = new Set(accounts.map(({ hotkey }) => hotkey))
    return uids.flatMap(({ hotkey }, uid) => (wanted.has(hotkey) ? [uid] : []))
  }
  // The owner's hotkey is weighted like a miner: what it earns is burned.
  const weighted = uidsOf(plan.ownerUid ? [owner, ...miners] : miners)
  return {
    stakes,
    subnet: {
      netuid,
      tempo,
      lastEpochBlock: HEAD - plan.sinceEpoch,
      registeredAt: HEAD - SUBNET_AGE,
      owner,
      parameters,
      pool: {
        taoRao: plan.poolTao * TAO,
        alphaRao: plan.poolAlpha * TAO,
        // Within 2 % of the spot price.
        movingPriceBits: ((plan.poolTao << 32n) * BigInt(random.between(98, 102))) / (plan.poolAlpha * 100n),
      },
      uids,
      weights: Array.from({ length: plan.mechanisms }, () => drawWeights(random, uidsOf(validators), weighted)),
      children,
      childkeyTakes: new Map([[ownFirst.hotkey, 6_553]]),
      autoStakes: new Map(miners.slice(0, 1).map(({ coldkey }) => [coldkey, operator.hotkey])),
    },
  }
}

function sentences(chain: MadeUpChain, seed: number, runtime: string): string[] {
  const rao = (netuid: number) =>
    chain.stakes.filter((stake) => stake.netuid === netuid).reduce((sum, stake) => sum + stake.rao, 0n)
  return [
    `Everything is made up: drawn with SplitMix64 from seed ${seed}; the runtime is ${runtime}.`,
    ...populationSentences(NOMINATION),
    `${OPERATORS} operators validate on several subnets and hold the root stake, ${tokens(rao(0))} TAO; TaoWeight 0.18, StakeThreshold 1,000; half of the coldkeys with root stake keep their root dividends, the others' are sold.`,
    ...PLANS.map((plan) => subnetSentence(plan, rao(plan.netuid))),
    'On each subnet a parent without a uid gives all of its stake to a validator of another coldkey (childkey take 10 %), an operator 30 % to the same, and a hotkey 50 % to another of its own coldkey; the incentive of one miner is staked to an operator.',
    'Pools have even weights; moving prices are within 2 % of spot prices and sum to more than 1, so root dividends are put aside. What was emitted since the last epochs is pending, at the root proportion of the fork.',
    'Weights, stakes and registrations change only by what the runtime does: no extrinsics, nothing is fed. No weights expire (ActivityCutoffFactorMilli 200,000); no bonds before the first epoch; no commit-reveal.',
  ]
}

function subnetSentence(plan: (typeof PLANS)[number], stakedRao: bigint): string {
  const { parameters } = plan
  const validators = plan.operators + plan.ownValidators
  const yuma = parameters.Yuma3On ? 'Yuma3 with liquid alpha' : 'Yuma2'
  const mechanisms = plan.mechanisms === 1 ? '' : `, ${plan.mechanisms} mechanisms`
  const owner = !plan.ownerUid
    ? "the owner's hotkey holds no uid"
    : `the owner's hotkey is weighted like a miner, its incentive is ${'RecycleOrBurn' in parameters ? 'recycled' : 'burned'}`
  return (
    `Subnet ${plan.netuid}: ${plan.uids} uids, ${validators} of them validators, at most ${parameters.MaxAllowedValidators} permits; ` +
    `${yuma}${mechanisms}; tempo ${plan.tempo}, ${plan.sinceEpoch} blocks after an epoch; ${tokens(stakedRao)} alpha staked, ` +
    `pool of ${plan.poolTao.toLocaleString('en-US')} TAO and ${plan.poolAlpha.toLocaleString('en-US')} alpha; ${owner}.`
  )
}

const tokens = (rao: bigint): string => (rao / TAO).toLocaleString('en-US')
