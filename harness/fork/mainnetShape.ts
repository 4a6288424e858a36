import { decodeAddress } from './polkadotPackages.js'
import { z } from 'zod'
import type { Feed } from './feed.js'
import type { ForkState, Hex } from './forkState.js'
import type { MadeUpChain, MadeUpSubnet, Stake } from './madeUpChain.js'
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
import { recordingFile } from './recording.js'
import type { StorageCodec } from './storageCodec.js'
import { madeUpHash, runtimeVersion } from './storageParts.js'
import { TABLE_SUBNETS, type SubnetsTable } from './subnetsTable.js'

const TAO = 1_000_000_000n
/** 0.18 */
const TAO_WEIGHT = 3_320_413_933_267_719_290n
const STAKE_THRESHOLD_RAO = 1_000n * TAO
const ROOT_RAO = 6_000_000n * TAO
const LARGEST_POOL_RAO = 100_000n * TAO
/** 0.1 TAO, in parts of 2^32. */
const HIGHEST_MOVING_PRICE_BITS = (1n << 32n) / 10n
/** Pareto of tail index 1 / 3: stakes about as unequal as arXiv 2507.02951 finds them. */
const NOMINATION = { nominators: [2, 20], quarters: 12 } as const
/** Pareto of tail index 1, milder: else one operator would outweigh everybody on every subnet. */
const ROOT_QUARTERS = 4
/** At full scale. */
const OPERATORS = 64
const WALLETS = 8_000

export const MAINNET_SHAPE_NETUIDS: readonly number[] = Array.from(
  { length: TABLE_SUBNETS - 1 },
  (_, index) => index + 1,
)

export const mainnetShapeFork = z.strictObject({
  builtIn: z
    .literal('mainnet-shape')
    .describe("Mainnet's 128 subnets with their hyperparameters and prices; stakes and weights are made up."),
  ...recordingFile,
  seed: z.int().min(0).describe('Of the draws: another seed is another chain of the same shape.'),
  uidScale: z
    .number()
    .gt(0)
    .max(1)
    .describe("Part of each subnet's uids that is made: 1 is all, about 33,500. At least 8 a subnet."),
})

/** The built-in fork in the shape of mainnet at the table's block. Nothing is fed: weights stay as they were drawn.
 *  @throws E202 when the runtime lacks an item that the state needs */
export function forkMainnetShape(from: {
  readonly table: SubnetsTable
  readonly seed: number
  readonly uidScale: number
  readonly codec: StorageCodec
  readonly wasm: Uint8Array
}): { fork: ForkState; feed: Feed } {
  const { table, seed, uidScale, codec, wasm } = from
  const chain = mainnetShapeChain(table, seed, uidScale)
  const { impl_name, spec_version } = runtimeVersion(codec)
  const source = {
    kind: 'built-in' as const,
    name: `mainnet-shape: ${chain.subnets.length} subnets as of block ${table.block.toLocaleString('en-US')}, seed ${seed}`,
    recorded: [
      `Source: opentensor/bittensor, tests/helpers/integration_websocket_data.py at 563a8e16 (MIT): the subnets of ${table.network}, block ${table.block.toLocaleString('en-US')}, spec ${table.specVersion}.`,
      'Of each subnet: tempo, blocks since the last epoch, number of uids, most validators, kappa, owner, spot price.',
    ],
    assumed: sentences(chain, seed, uidScale, `${impl_name}, spec ${spec_version}`),
  }
  return { fork: { source, header: chain.head, storage: madeUpStorage(chain, codec, wasm) }, feed: { steps: [] } }
}

function mainnetShapeChain(table: SubnetsTable, seed: number, uidScale: number): MadeUpChain {
  const random = randomStream(seed, 'mainnet-shape')
  const hotkeys = new Map<Hex, { coldkey: Hex; take: number }>()
  const open = (name: string, coldkey?: Hex): Account => {
    const made = madeUpAccount(`mainnet-shape/${name}`)
    const account = { ...made, coldkey: coldkey ?? made.coldkey }
    hotkeys.set(account.hotkey, { coldkey: account.coldkey, take: drawTake(random) })
    return account
  }
  const scaled = (count: number, least: number) => Math.max(least, Math.round(count * uidScale))
  const nomination: Nomination = {
    ...NOMINATION,
    wallets: Array.from(
      { length: scaled(WALLETS, 20) },
      (_, index) => madeUpAccount(`mainnet-shape/wallet/${index}`).coldkey,
    ),
  }
  const operators = Array.from({ length: scaled(OPERATORS, 4) }, (_, index) => open(`operator/${index}`))
  const rootStakes = drawStakes(randomStream(seed, 'mainnet-shape/root'), 0, ROOT_RAO, operators, {
    ...nomination,
    quarters: ROOT_QUARTERS,
  })
  const drawn = MAINNET_SHAPE_NETUIDS.map((netuid) =>
    drawSubnet(
      randomStream(seed, `mainnet-shape/${netuid}`),
      table,
      netuid,
      scaled,
      open,
      operators,
      rootStakes,
      nomination,
    ),
  )
  return {
    head: { number: table.block, hash: table.blockHash as Hex },
    parentHash: madeUpHash(`mainnet-shape/block/${table.block - 1}`),
    taoWeight: TAO_WEIGHT,
    stakeThresholdRao: STAKE_THRESHOLD_RAO,
    ownerCut: 11_796,
    hotkeys,
    stakes: [...rootStakes, ...drawn.flatMap(({ stakes }) => stakes)],
    keepsClaims: new Set(),
    freeRao: 10n * TAO,
    subnets: drawn.map(({ subnet }) => subnet),
  }
}

function drawSubnet(
  random: Random,
  { block, subnets }: SubnetsTable,
  netuid: number,
  scaled: (count: number, least: number) => number,
  open: (name: string, coldkey?: Hex) => Account,
  operators: readonly Account[],
  rootStakes: readonly Stake[],
  nomination: Nomination,
): { subnet: MadeUpSubnet; stakes: readonly Stake[] } {
  const { tempo, n, sinceEpoch, maxValidators, kappa, ownerColdkey, sqrtPrice } = recordedOf(subnets, netuid)
  const uidCount = scaled(n, Math.min(n, 8))
  const owner = open(`${netuid}/owner`, `0x${Buffer.from(decodeAddress(ownerColdkey)).toString('hex')}`)
  const ownerEarns = random.below(3) === 0
  const validatorCount = scaled(random.between(10, 24), 4)
  const shared = random.pick(operators, Math.ceil(validatorCount / 2))
  const list = (count: number, name: string) =>
    Array.from({ length: count }, (_, index) => open(`${netuid}/${name}/${index}`))
  const validators = [...shared, ...list(validatorCount - shared.length, 'validator')]
  const miners = list(uidCount - validators.length - 1, 'miner')

  // The reserves have the recorded price; a pool of more TAO than the largest is made smaller.
  const drawnAlpha = BigInt(random.between(500_000, 3_000_000)) * TAO
  const affordable = (LARGEST_POOL_RAO << 128n) / sqrtPrice ** 2n
  const alphaRao = drawnAlpha < affordable ? drawnAlpha : affordable
  const taoRao = (alphaRao * sqrtPrice ** 2n) >> 128n
  const priceBits = (sqrtPrice ** 2n) >> 96n
  const stakedRao = (alphaRao * BigInt(random.between(50, 150))) / 100n
  const stakes = [
    ...drawStakes(random, netuid, (stakedRao * 99n) / 100n, validators, nomination),
    ...drawMinerStakes(random, netuid, stakedRao / 100n, miners),
  ]

  const permitted = permittedHotkeys(
    validators.map(({ hotkey }) => hotkey),
    stakeWeights([...rootStakes, ...stakes], netuid, TAO_WEIGHT),
    STAKE_THRESHOLD_RAO,
    maxValidators,
  )
  const uids = drawUids(random, { head: block, tempo }, { first: [owner], validators, miners }, permitted)
  const uidsOf = (accounts: readonly Account[]) => {
    const wanted = new Set(accounts.map(({ hotkey }) => hotkey))
    return uids.flatMap(({ hotkey }, uid) => (wanted.has(hotkey) ? [uid] : []))
  }
  const weighted = uidsOf(ownerEarns ? [owner, ...miners] : miners)
  return {
    stakes,
    subnet: {
      netuid,
      tempo,
      lastEpochBlock: block - sinceEpoch,
      registeredAt: block - random.between(50_000, 2_500_000),
      owner,
      parameters: {
        Kappa: kappa,
        MaxAllowedValidators: maxValidators,
        ActivityCutoffFactorMilli: 200_000,
        Yuma3On: random.below(2) === 0,
        RecycleOrBurn: random.below(2) === 0 ? 'Recycle' : 'Burn',
      },
      pool: {
        taoRao,
        alphaRao,
        movingPriceBits: priceBits < HIGHEST_MOVING_PRICE_BITS ? priceBits : HIGHEST_MOVING_PRICE_BITS,
      },
      uids,
      weights: [drawWeights(random, uidsOf(validators), weighted)],
      children: [],
      childkeyTakes: new Map(),
      autoStakes: new Map(),
    },
  }
}

/** A row of the table; its schema has seen that there is one for every netuid. */
function recordedOf(subnets: SubnetsTable['subnets'], netuid: number) {
  const of = <T>(column: readonly T[]): T => {
    const value = column[netuid]
    if (value === undefined) throw new RangeError(`the table has no subnet ${netuid}`)
    return value
  }
  return {
    tempo: of(subnets.tempo),
    n: of(subnets.subnetworkN),
    sinceEpoch: of(subnets.blocksSinceLastStep),
    maxValidators: of(subnets.maxAllowedValidators),
    kappa: of(subnets.kappa),
    ownerColdkey: of(subnets.ownerColdkey),
    sqrtPrice: BigInt(of(subnets.alphaSqrtPrice) ?? 0),
  }
}

function sentences({ subnets, stakes }: MadeUpChain, seed: number, uidScale: number, runtime: string): string[] {
  const count = (of: (subnet: MadeUpSubnet) => number) =>
    subnets.reduce((sum, subnet) => sum + of(subnet), 0).toLocaleString('en-US')
  const earning = subnets.filter(({ weights }) =>
    weights.some((rows) => [...rows.values()].some((row) => row.some(([uid]) => uid === 0))),
  )
  return [
    `What is not recorded is made up, drawn with SplitMix64 from seed ${seed}; the runtime is ${runtime}, not the one of that block.`,
    `${count(({ uids }) => uids.length)} uids (uidScale ${uidScale}), ${count(({ weights }) => weights[0]?.size ?? 0)} of them with weights; ${stakes.length.toLocaleString('en-US')} stakes.`,
    ...populationSentences(NOMINATION),
    'A subnet has 10 to 24 validators (times uidScale, at least 4), half of them operators (64 times uidScale, at least 4); these hold the root stake of 6,000,000 TAO, drawn as stakes are, but of tail index 1.',
    `An owner's hotkey holds uid 0; on ${earning.length} subnets it is weighted like a miner and its incentive is burned or recycled. No child keys, no auto-stake.`,
    'Pools hold 500,000 to 3,000,000 alpha at the recorded spot price, less where that is more than 100,000 TAO; half to one and a half as much alpha is staked. Moving prices are the spot prices, at most 0.1 TAO: the averages are not recorded.',
    'TaoWeight 0.18, StakeThreshold 1,000, owner cut 18 %; half of the subnets run Yuma3, without liquid alpha; one mechanism; other hyperparameters are the defaults. What was emitted since the last epochs is pending, at the root proportion of the fork.',
    'Weights, stakes and registrations change only by what the runtime does: no extrinsics, nothing is fed. No weights expire (ActivityCutoffFactorMilli 200,000); no bonds before the first epoch; no commit-reveal.',
  ]
}
