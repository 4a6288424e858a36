import { inspect } from 'node:util'
import { policyParamInvalid, policyParamsNotWhole, policyParamUnknown, policyUnknown } from '../errors/runtime.js'
import type { PolicyDefinition, PolicyParam, PolicyPatch } from './policy.js'

const source =
  'The intervention is named in arXiv 2507.02951, which publishes no formula for it: the formula and its parameters are ours.'

const pool: PolicyParam = {
  name: 'pool',
  kind: 'choice',
  description: 'Which pool: both, the miners’ or the validators’.',
  choices: ['both', 'miner', 'validator'],
  default: 'both',
}

const exponent = (name: string, what: string, standard: number): PolicyParam => ({
  name,
  kind: 'number',
  description: `${what}, at most 8 decimals.`,
  min: 0,
  max: 4,
  minExclusive: false,
  default: standard,
  scale: 100_000_000,
})

const rolePart = (name: string, what: string, standard: number): PolicyParam => ({
  name,
  kind: 'number',
  description: `${what} of what the epoch divides, at most 9 decimals; miner and validator add up to 1.`,
  min: 0,
  max: 1,
  minExclusive: true,
  default: standard,
  scale: 1_000_000_000,
})

/** Every policy the patch module has, in the order `epochdiff policies` prints them. */
export const policyDefinitions: readonly PolicyDefinition[] = [
  {
    name: 'stake-cap',
    hook: 'stake_weights',
    title: 'Every stake above a percentile counts as the percentile.',
    formula:
      'C = nearest-rank percentile of the non-zero S over scope; S_i := min(S_i, C) for every uid, in scope or not. 100 is no cap.',
    source: `${source} The paper proposes the 88th percentile.`,
    neutral: { percentile: 100 },
    params: [
      {
        name: 'percentile',
        kind: 'number',
        description: 'Percentile in percent, at most 7 decimals.',
        min: 0,
        max: 100,
        minExclusive: true,
        default: 88,
        scale: 10_000_000,
      },
      {
        name: 'scope',
        kind: 'choice',
        description:
          'Whose stakes make the percentile: permitted = uids with a validator permit and a stake of at least StakeThreshold; all = every uid with stake.',
        choices: ['permitted', 'all'],
        default: 'permitted',
      },
    ],
    export: 'stake_cap',
  },
  {
    name: 'stake-power',
    hook: 'stake_weights',
    title: 'Large stakes count less, the larger the less: a concave transform that keeps the largest.',
    formula:
      'S_i := M (S_i / M)^theta, M = the largest S; off by less than 2^-60 of itself and 2^-64 rao. 1 is no change.',
    source:
      'Notes on arXiv 2507.02951 name concave transforms of stake beside its cap: the formula and its parameter are ours.',
    neutral: { theta: 1 },
    params: [
      {
        name: 'theta',
        kind: 'number',
        description: 'Exponent, at most 9 decimals.',
        min: 0,
        max: 1,
        minExclusive: true,
        default: 0.5,
        scale: 1_000_000_000,
      },
    ],
    export: 'stake_power',
  },
  {
    name: 'performance-weighted',
    hook: 'epoch_rewards',
    title: "A part of each pool follows performance instead of today's shares.",
    formula:
      'share_i := (1 - lambda) r_i + lambda perf_i / sum perf, rounded to rao by largest remainder; perf = Consensus of a miner, ValidatorTrust of a validator. A pool where all perf are 0 stays.',
    source,
    neutral: { lambda: 0 },
    params: [
      {
        name: 'lambda',
        kind: 'number',
        description: 'Part of the pool that follows performance, at most 9 decimals.',
        min: 0,
        max: 1,
        minExclusive: false,
        default: 0.5,
        scale: 1_000_000_000,
      },
      pool,
    ],
    export: 'performance_weighted',
  },
  {
    name: 'composite',
    hook: 'epoch_rewards',
    title: 'Each pool, or a part of it, is divided by stake and performance together.',
    formula:
      'share_i := (1 - mix) r_i + mix c_i / sum c, c_i = stake_i^a perf_i^b, rounded to rao by largest remainder; stake = StakeWeight, perf as in performance-weighted. An exponent of 0 leaves its factor out; a pool where all c are 0 stays.',
    source: `${source} So is \`mix\`, without which the policy would have no neutral value.`,
    neutral: { mix: 0 },
    params: [
      exponent('a', 'Exponent of stake in the validators’ pool', 1),
      exponent('b', 'Exponent of performance in both pools', 1),
      exponent('aMiner', 'Exponent of stake in the miners’ pool, where few have any', 0),
      {
        name: 'mix',
        kind: 'number',
        description: 'Part of the pool that is divided so, at most 9 decimals.',
        min: 0,
        max: 1,
        minExclusive: false,
        default: 1,
        scale: 1_000_000_000,
      },
      pool,
    ],
    export: 'composite',
  },
  {
    name: 'trust-bonus',
    hook: 'epoch_rewards',
    title: 'Who is trusted is paid more than today, at the cost of the rest of the pool.',
    formula:
      'share_i ~ r_i (1 + beta trust_i), rounded to rao by largest remainder; trust (0 to 1) = Consensus of a miner, ValidatorTrust of a validator.',
    source,
    neutral: { beta: 0 },
    params: [
      {
        name: 'beta',
        kind: 'number',
        description: 'What full trust adds to a share, as a multiple of it, at most 8 decimals.',
        min: 0,
        max: 10,
        minExclusive: false,
        default: 1,
        scale: 100_000_000,
      },
      pool,
    ],
    export: 'trust_bonus',
  },
  {
    name: 'role-split',
    hook: 'epoch_rewards',
    title: 'What an epoch divides goes to miners and validators in other parts than half and half.',
    formula:
      'E = the epoch’s rao; trunc(E (miner - 1/2)) rao move from the validators’ pool to the miners’, or back; within each pool today’s shares, rounded to rao by largest remainder. What root stakers get of the validators’ half stays. Nothing moves in an epoch in which nobody is paid as a miner, or as a validator.',
    source,
    neutral: { miner: 0.5, validator: 0.5 },
    params: [rolePart('miner', 'Miners’ part', 0.6), rolePart('validator', 'Part of validators and root stakers', 0.4)],
    moves: { export: 'role_split_moved', readsEpoch: false },
    wholeOf: ['miner', 'validator'],
  },
  {
    name: 'aiarena',
    hook: 'epoch_rewards',
    title:
      'AIArena’s rule: the pools follow the roles’ stake; miners are paid by rank, validators by closeness to consensus, both by stake.',
    formula:
      'validators’ pool := (1 - mix) V + mix (M + V) (gamma + (1 - 2 gamma) Ss / (St + Ss)), miners the rest; M, V = the pools today, Ss = StakeWeight of who has a ValidatorPermit, St = of the others, as the epoch stores them; what root stakers get stays. In a pool share_i := (1 - mix) r_i + mix c_i / sum c, c_i = g_i stake_i^alpha, rounded to rao by largest remainder; g of a miner = decay^rank, rank = how many have more Consensus, g of a validator = ValidatorTrust, stake = StakeWeight. Who has no Consensus or ValidatorTrust is paid nothing by it; a pool where all c are 0 stays. With `pool` miner or validator only that pool is divided so, and the pools keep their sums.',
    source:
      'The rule is documented by the platform of arXiv 2412.14566; rank, closeness, `alphaMiner`, `mix` and all defaults are ours.',
    neutral: { mix: 0 },
    params: [
      {
        name: 'gamma',
        kind: 'number',
        description: 'Least part of either pool in both, at most 9 decimals.',
        min: 0,
        max: 0.5,
        minExclusive: false,
        default: 0.25,
        scale: 1_000_000_000,
      },
      exponent('alpha', 'Exponent of stake in the validators’ pool', 1),
      exponent('alphaMiner', 'Exponent of stake in the miners’ pool, where few have any', 0),
      {
        name: 'decay',
        kind: 'number',
        description: 'What the next rank of miners gets of a rank’s grade, at most 9 decimals.',
        min: 0,
        max: 1,
        minExclusive: true,
        default: 0.9,
        scale: 1_000_000_000,
      },
      {
        name: 'mix',
        kind: 'number',
        description: 'Part that is divided so, at most 9 decimals.',
        min: 0,
        max: 1,
        minExclusive: false,
        default: 1,
        scale: 1_000_000_000,
      },
      pool,
    ],
    export: 'aiarena',
    moves: { export: 'aiarena_moved', readsEpoch: true },
  },
]

/** @throws E121 for a name that is no policy */
export function policyDefinition(name: string): PolicyDefinition {
  const definition = policyDefinitions.find((candidate) => candidate.name === name)
  if (definition === undefined) throw policyUnknown({ policy: name, known: policyDefinitions.map(({ name }) => name) })
  return definition
}

/** A policy with parameters as a user wrote them, defaults filled in.
 *  @throws E121 unknown policy, E122 unknown parameter, E123 a value that is out of bounds or of the wrong type, E124 parts
 *  that do not add up */
export function checkPolicyParams(name: string, params: Readonly<Record<string, unknown>>): PolicyPatch {
  const definition = policyDefinition(name)
  const known = definition.params.map((param) => param.name)
  for (const param of Object.keys(params)) {
    if (!known.includes(param)) throw policyParamUnknown({ policy: name, param, known })
  }
  const checked = definition.params.map((param) => {
    const value = params[param.name] === undefined ? param.default : params[param.name]
    wasmArgument(name, param, value)
    return [param.name, value as number | string] as const
  })
  requireWhole(definition, Object.fromEntries(checked))
  return { kind: 'policy', policy: name, params: Object.fromEntries(checked) }
}

/** @throws E124 unless the parameters of which the definition says so add up to 1 */
function requireWhole({ name, params, wholeOf = [] }: PolicyDefinition, values: PolicyPatch['params']): void {
  const parts = params.filter((param) => wholeOf.includes(param.name))
  const scaled = parts.map((param) => wasmArgument(name, param, values[param.name]))
  const [first] = parts
  if (first === undefined || first.kind === 'choice') return
  // In whole steps: decimals of a binary fraction would not add up.
  const sum = scaled.reduce((total, steps) => total + steps, 0)
  if (sum !== first.scale) throw policyParamsNotWhole({ policy: name, params: wholeOf, sum: sum / first.scale })
}

/** Whether the policy changes nothing whatever the state: its parameters are at their neutral values. */
export function isNeutral(patch: PolicyPatch): boolean {
  return Object.entries(policyDefinition(patch.policy).neutral).every(([name, value]) => patch.params[name] === value)
}

/** What the policy's wasm function takes after the hook's own parameters, as 32-bit integers.
 *  @throws E121, E122, E123 as `checkPolicyParams` */
export function wasmArguments(patch: PolicyPatch): number[] {
  const { params } = checkPolicyParams(patch.policy, patch.params)
  return policyDefinition(patch.policy).params.map((param) => wasmArgument(patch.policy, param, params[param.name]))
}

function wasmArgument(policy: string, param: PolicyParam, value: unknown): number {
  const refuse = (allowed: string) => policyParamInvalid({ policy, param: param.name, value: inspect(value), allowed })
  if (param.kind === 'choice') {
    const index = param.choices.findIndex((choice) => choice === value)
    if (index < 0) throw refuse(`one of ${param.choices.join(', ')}`)
    return index
  }
  const decimals = Math.round(Math.log10(param.scale))
  const lower = param.minExclusive ? `above ${param.min}` : `from ${param.min}`
  const allowed = `a number ${lower} up to ${param.max} with at most ${decimals} decimals`
  if (typeof value !== 'number' || !(value >= param.min && value <= param.max)) throw refuse(allowed)
  if (param.minExclusive && value === param.min) throw refuse(allowed)
  const scaled = Math.round(value * param.scale)
  // Division rounds correctly: equal only if the decimal as written has no more digits than the scale.
  if (scaled / param.scale !== value) throw refuse(allowed)
  return scaled
}
