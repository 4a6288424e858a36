import { z } from 'zod'

// What a result says of a run's distributions beside concentration over the whole run; docs/metrics.md has the definitions.

const count = z.int().min(0)
const rao = z.string().regex(/^(0|[1-9]\d*)$/)
/** Non-negative integers separated by spaces; empty when there are none. */
const integers = z.string().regex(/^((0|[1-9]\d*)( (0|[1-9]\d*))*)?$/)
/** null: it has no value, as the total is zero or one side of a correlation is constant. */
const metric = z.number().nullable()
const unit = z.enum(['hotkey', 'coldkey'])
const role = z.enum(['miner', 'validator', 'nominator', 'owner', 'root', 'burned'])

const spread = z.strictObject({
  /** Epochs or subnets that have a value. */
  count,
  median: z.number(),
  q1: z.number(),
  q3: z.number(),
  /** Bootstrap interval of the median; null for too few values. */
  low: metric,
  high: metric,
})
const spreads = z.strictObject({
  baseline: spread.nullable(),
  candidate: spread.nullable(),
  /** Of candidate - baseline, epoch by epoch or subnet by subnet. */
  change: spread.nullable(),
})
const concentrationMetric = {
  distribution: z.enum(['stakeWeights', 'rewards']),
  unit,
  metric: z.enum(['gini', 'hhi', 'nakamoto', 'top1', 'top10', 'coalition51Count', 'coalition51Share']),
}

const pair = z.strictObject({ pearson: metric, spearman: metric })
const correlations = z.strictObject({ stakePerformance: pair, stakeReward: pair, performanceReward: pair })

/** Columns: one element a neuron, in the order of `uids`; amounts and u16 values are means over the subnet's epochs, those in
 *  which it held no uid counted as zero. */
const armNeurons = z.strictObject({
  /** Stake before the epoch, rounded down. */
  stakeRao: integers,
  /** 65535 = 1, rounded to the nearest. */
  consensus: integers,
  validatorTrust: integers,
})

/** Members of a result that are made of its ledgers and their difference. */
export const measureSchema = {
  /** How the intervals are made. */
  bootstrap: z.strictObject({ seed: count, resamples: count, level: z.number(), minimumValues: count }),
  /** By netuid, distribution, unit and metric; one element an epoch of the subnet. */
  series: z.array(
    z.strictObject({
      netuid: count,
      ...concentrationMetric,
      baseline: z.array(metric),
      candidate: z.array(metric),
      spread: spreads,
    }),
  ),
  /** Spread over the subnets of what each has over the whole run. */
  acrossSubnets: z.array(z.strictObject({ ...concentrationMetric, subnets: count, spread: spreads })),
  /** By netuid, role and unit. */
  correlations: z.array(
    z.strictObject({
      netuid: count,
      role: z.enum(['miner', 'validator']),
      unit,
      population: count,
      baseline: correlations,
      candidate: correlations,
    }),
  ),
  /** Winners and losers; by netuid, unit and role. `all` leaves out what is burned. */
  movers: z.array(
    z.strictObject({
      netuid: count,
      unit,
      role: z.enum(['all', ...role.options]),
      winners: count,
      losers: count,
      unchanged: count,
      gainedRao: rao,
      lostRao: rao,
    }),
  ),
  /** Where alpha that changes hands comes from and goes to, by netuid. */
  transfers: z.array(
    z.strictObject({
      netuid: count,
      from: z.enum([...role.options, 'unpaid']),
      to: z.enum([...role.options, 'unpaid']),
      alphaRao: rao,
    }),
  ),
  /** Hotkeys that held a uid in some epoch and had stake, consensus or validator trust in one arm; by netuid. */
  neurons: z.array(
    z.strictObject({
      netuid: count,
      /** The last uid each held in the baseline (or else the candidate). */
      uids: integers,
      hotkeys: z.array(z.string()),
      coldkeys: z.array(z.string()),
      baseline: armNeurons,
      candidate: armNeurons,
    }),
  ),
}
