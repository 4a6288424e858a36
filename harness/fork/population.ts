import type { Hex } from './forkState.js'
import type { MadeUpUid, Stake } from './madeUpChain.js'
import type { Random } from './random.js'
import { madeUpHash } from './storageParts.js'

export interface Account {
  readonly hotkey: Hex
  readonly coldkey: Hex
}

/** Accounts of a made-up chain, the same in every run and for every seed. */
export function madeUpAccount(name: string): Account {
  return { hotkey: madeUpHash(`${name}/hotkey`), coldkey: madeUpHash(`${name}/coldkey`) }
}

/** Takes of delegates, parts of 65535: none, 9 % and 18 %, each as often. */
export const drawTake = (random: Random): number => random.pick([0, 5_898, 11_796], 1)[0] ?? 0

/** Who else stakes to a hotkey, and how unequal amounts are. */
export interface Nomination {
  /** Coldkeys that nominate. */
  readonly wallets: readonly Hex[]
  /** Fewest and most nominators of a hotkey. */
  readonly nominators: readonly [low: number, high: number]
  /** Of the Pareto distribution of amounts, among hotkeys and among nominators alike. */
  readonly quarters: number
}

/** Divides an amount among hotkeys in proportion to Pareto draws, and each hotkey's part among its owner (10 to 50 %) and its
 *  nominators, again in proportion to Pareto draws. */
export function drawStakes(
  random: Random,
  netuid: number,
  totalRao: bigint,
  accounts: readonly Account[],
  { wallets, nominators, quarters }: Nomination,
): Stake[] {
  const parts = divide(
    totalRao,
    accounts.map(() => random.pareto(quarters)),
  )
  return accounts.flatMap(({ hotkey, coldkey }, index) => {
    const partRao = parts[index] ?? 0n
    const holders = random.pick(wallets, random.between(...nominators))
    const ownRao = holders.length === 0 ? partRao : (partRao * BigInt(random.between(10, 50))) / 100n
    const nominated = divide(
      partRao - ownRao,
      holders.map(() => random.pareto(quarters)),
    )
    const stakes = [coldkey, ...holders].map((holder, at): Stake => {
      return { hotkey, coldkey: holder, netuid, rao: at === 0 ? ownRao : (nominated[at - 1] ?? 0n) }
    })
    return stakes.filter(({ rao }) => rao > 0n)
  })
}

/** What miners have left of their incentive: each its own coldkey's, in proportion to Pareto draws of tail index 2; one in five
 *  has nothing. */
export function drawMinerStakes(random: Random, netuid: number, totalRao: bigint, miners: readonly Account[]): Stake[] {
  const parts = divide(
    totalRao,
    miners.map(() => (random.below(5) === 0 ? 0n : random.pareto(2))),
  )
  return miners
    .map(({ hotkey, coldkey }, index): Stake => ({ hotkey, coldkey, netuid, rao: parts[index] ?? 0n }))
    .filter(({ rao }) => rao > 0n)
}

export type WeightRows = ReadonlyMap<number, readonly (readonly [uid: number, weight: number])[]>

/** Weight rows of one mechanism. Each miner has a quality, Pareto of tail index 2, one in ten none; each validator gives each miner
 *  its quality times 0.8 to 1.2 and leaves out one in twenty; the largest of a row is 65535. One validator in ten sets none.
 *  @param validators uids
 *  @param miners uids, ascending */
export function drawWeights(random: Random, validators: readonly number[], miners: readonly number[]): WeightRows {
  const quality = miners.map(() => (random.below(10) === 0 ? 0n : random.pareto(2)))
  const rows = validators.map((validator) => {
    const row = miners.flatMap((uid, index) => {
      const seen = (quality[index] ?? 0n) * BigInt(random.between(80, 120))
      return random.below(20) === 0 ? [] : [[uid, seen] as const]
    })
    const largest = row.reduce((max, [, seen]) => (seen > max ? seen : max), 0n)
    const scaled = row.map(([uid, seen]) => [uid, largest === 0n ? 0 : Number((65_535n * seen) / largest)] as const)
    return random.below(10) === 0 ? [] : [[validator, scaled] as const]
  })
  return new Map(rows.flat())
}

/** Who holds which uid, in an order that is drawn; the subnet owner's hotkey, if it holds one, has uid 0.
 *  Registrations are 1,000 to 40,000 blocks old, one miner in sixteen's less than a tempo; validators updated their weights in
 *  the last tempo, miners when they registered.
 *  @param permitted hotkeys with a validator permit */
export function drawUids(
  random: Random,
  at: { readonly head: number; readonly tempo: number },
  holders: {
    readonly first: readonly Account[]
    readonly validators: readonly Account[]
    readonly miners: readonly Account[]
  },
  permitted: ReadonlySet<Hex>,
): MadeUpUid[] {
  const { first, validators, miners } = holders
  const isValidator = new Set([...first, ...validators].map(({ hotkey }) => hotkey))
  const drawn = random.pick([...validators, ...miners], validators.length + miners.length)
  return [...first, ...drawn].map(({ hotkey }): MadeUpUid => {
    const sets = isValidator.has(hotkey)
    const isNew = !sets && random.below(16) === 0
    const registeredAt = at.head - (isNew ? random.below(at.tempo) : random.between(1_000, 40_000))
    const lastUpdate = sets ? at.head - random.below(at.tempo) : registeredAt
    return { hotkey, registeredAt, lastUpdate, permitted: permitted.has(hotkey) }
  })
}

/** The `count` hotkeys of most stake weight (alpha + TaoWeight x root stake), none of them below the threshold. Child keys are not
 *  looked at: the first epoch is the first that does. */
export function permittedHotkeys(
  hotkeys: readonly Hex[],
  weightRao: ReadonlyMap<Hex, bigint>,
  thresholdRao: bigint,
  count: number,
): ReadonlySet<Hex> {
  const of = (hotkey: Hex) => weightRao.get(hotkey) ?? 0n
  const staked = hotkeys.filter((hotkey) => of(hotkey) > 0n && of(hotkey) >= thresholdRao)
  const descending = [...staked].sort((a, b) => (of(a) === of(b) ? 0 : of(a) > of(b) ? -1 : 1))
  return new Set(descending.slice(0, count))
}

/** Stake weight of each hotkey on a subnet, rao: alpha + TaoWeight x root stake. */
export function stakeWeights(stakes: readonly Stake[], netuid: number, taoWeight: bigint): ReadonlyMap<Hex, bigint> {
  const weights = new Map<Hex, bigint>()
  for (const { hotkey, netuid: on, rao } of stakes) {
    if (on !== netuid && on !== 0) continue
    const counted = on === netuid ? rao : (rao * taoWeight) / ((1n << 64n) - 1n)
    weights.set(hotkey, (weights.get(hotkey) ?? 0n) + counted)
  }
  return weights
}

/** The distributions above, in sentences of a report. */
export function populationSentences({ nominators: [low, high], quarters }: Omit<Nomination, 'wallets'>): string[] {
  return [
    `Validators' stakes are in proportion to a Pareto distribution of tail index ${(4 / quarters).toFixed(2)}; 10 to 50 % of each is its owner's, the rest that of ${low} to ${high} nominators, Pareto of the same index. Miners hold 1 % of the alpha, Pareto of tail index 2, one in five none. Takes are 0, 9 or 18 %.`,
    "A miner's quality is Pareto of tail index 2, one in ten has none; a validator's weight is the quality times 0.8 to 1.2, one in twenty is left out, and one validator in ten sets none.",
    'Registrations are 1,000 to 40,000 blocks old, those of one miner in sixteen less than a tempo.',
  ]
}

/** Parts of a total in proportion to weights, rounded down. */
function divide(totalRao: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((acc, weight) => acc + weight, 0n)
  return weights.map((weight) => (sum === 0n ? 0n : (totalRao * weight) / sum))
}
