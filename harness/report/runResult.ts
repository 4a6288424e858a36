import { z } from 'zod'
import { resultUnreadable } from '../errors/output.js'
import { attributionSchema } from './attributionSchema.js'
import { appliedPatchSchema } from '../patch/appliedPatch.js'
import { measureSchema } from './measureSchema.js'

/** An amount of a subnet's alpha in rao, as a decimal string. */
const rao = z
  .string()
  .regex(/^(0|-?[1-9]\d*)$/)
  .describe("An amount of a subnet's alpha in rao.")
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** Amounts of a subnet's alpha in rao, one an epoch, separated by spaces. */
const raoList = z
  .string()
  .regex(/^(0|-?[1-9]\d*)( (0|-?[1-9]\d*))*$/)
  .describe("Amounts of a subnet's alpha in rao, one an epoch, separated by spaces.")
const role = z.enum(['miner', 'validator', 'nominator', 'owner', 'root', 'burned'])
const change = { baselineRao: rao, candidateRao: rao, changeRao: rao }

const params = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
const count = z.int().min(0)
const netuid = count

/** What the weaver did to a runtime. */
const weave = z.strictObject({
  inputSha256: sha256,
  patchModuleSha256: sha256,
  outputSha256: sha256,
  bytesAdded: count,
  /** Which calls of a hook's function meet the policies. */
  callSites: z.enum(['all', 'epoch']),
  patches: z.array(
    z.strictObject({
      policy: z.string(),
      hook: z.enum(['stake_weights', 'epoch_rewards']),
      params,
      functionIndex: count,
      symbol: z.string(),
      signature: z.string(),
      layout: z.string(),
      originalIndex: count,
      policyIndex: count,
      callers: z.array(z.strictObject({ name: z.string(), sites: count })),
      payout: z.string().nullable(),
      bytesAdded: count,
    }),
  ),
})

const runtime = z.strictObject({
  specVersion: count,
  /** Of the uncompressed wasm that ran. */
  sha256,
  /** null: a runtime as it was found. */
  weave: weave.nullable(),
})

const armEpoch = z.strictObject({
  drainedRao: rao,
  paidRao: rao,
  unpaidRao: rao,
  unownedRao: rao,
  slackRao: rao,
  creditedRao: rao,
  /** Of the storage that the epoch's block changed, key by key. */
  storageSha256: sha256,
})

/** null: the total is zero. */
const metric = z.number().nullable()
const concentration = z.strictObject({
  population: count,
  holders: count,
  gini: metric,
  hhi: metric,
  nakamoto: metric,
  top1: metric,
  top10: metric,
  coalition51Count: metric,
  coalition51Share: metric,
  /** Lorenz curve at 0, 1, ... 100 % of the population. */
  lorenz: z.array(z.number()).nullable(),
})

/** `result.json`, version 1: everything a report says is in it. Two runs of the same scenario with the same version give the
 *  same bytes, `timing` excepted. */
export const runResultSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tool: z.strictObject({ name: z.literal('epochdiff'), version: z.string() }),
  scenario: z.strictObject({
    name: z.string(),
    title: z.string(),
    /** Name of the file without its folders. */
    file: z.string(),
    /** As given to --set. */
    overrides: z.array(z.string()),
    /** Of the scenario with defaults and overrides filled in. */
    sha256,
  }),
  /** What the candidate differs in, and what each patch did before the first epoch. */
  patches: z.array(appliedPatchSchema),
  /** Where it was asked for (--attribute): what each patch does alone. */
  attribution: attributionSchema.optional(),
  fork: z.strictObject({
    source: z.strictObject({ kind: z.enum(['built-in', 'chain-spec', 'chain']), name: z.string() }),
    /** Of a chain's state: "state proven", or "state trusted from" whom; null for a state that no chain made. */
    trust: z.string().nullable(),
    block: z.strictObject({ number: count, hash: z.string() }),
    recorded: z.array(z.string()),
    assumed: z.array(z.string()),
  }),
  runtimes: z.strictObject({ baseline: runtime, candidate: runtime }),
  engine: z.enum(['native', 'chopsticks']),
  /** How many first epochs the other engine repeated; 0: none. */
  crossCheckedEpochs: count,
  /** By epoch, then netuid. */
  epochs: z.array(
    z.strictObject({
      epoch: count,
      netuid,
      block: count,
      baseline: armEpoch,
      candidate: armEpoch,
      /** What the gaining accounts gain in this epoch. */
      gainedRao: rao,
    }),
  ),
  rewards: z.strictObject({
    isEmpty: z.boolean(),
    sameVectors: z.boolean(),
    roles: z.array(z.strictObject({ netuid, role, ...change })),
    accounts: z.array(
      z.strictObject({
        netuid,
        /** null: the hotkey held no uid. */
        uid: count.nullable(),
        hotkey: z.string(),
        coldkey: z.string(),
        role,
        ...change,
      }),
    ),
  }),
  /** What each account was paid in each epoch of its subnet: one element an account, in the order of `rewards.accounts`. */
  ledger: z.array(z.strictObject({ baselineRao: raoList, candidateRao: raoList })),
  concentration: z.array(
    z.strictObject({
      netuid,
      distribution: z.enum(['stakeWeights', 'rewards']),
      unit: z.enum(['hotkey', 'coldkey']),
      baseline: concentration,
      candidate: concentration,
    }),
  ),
  ...measureSchema,
  /** What the chain itself says of the measured subnets, at the fork's block; by netuid. */
  subnets: z.array(
    z.strictObject({
      netuid,
      name: z.string().nullable(),
      /** Spot price of one alpha in rao of TAO, rounded down; null: the fork has no pool for it. */
      alphaPriceRao: rao.nullable(),
    }),
  ),
  /** Names that accounts gave themselves on chain, by address. */
  identities: z.record(z.string(), z.string()),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      level: z.enum(['pass', 'info', 'warning', 'error']),
      seen: z.string(),
      expected: z.string(),
      why: z.string(),
    }),
  ),
  mocks: z.array(z.string()),
  /** The only member that may differ between two runs. */
  timing: z.strictObject({
    startedAt: z.iso.datetime(),
    totalMs: z.number().min(0),
    /** By stage. */
    stagesMs: z.record(z.string(), z.number().min(0)),
  }),
})

export type RunResult = z.infer<typeof runResultSchema>

/** Canonical JSON: members in alphabetical order, two spaces, a final newline. */
export function serialiseRunResult(result: RunResult): string {
  return `${JSON.stringify(runResultSchema.parse(result), sortMembers, 2)}\n`
}

/** @throws E703 when the text is no result of this version */
export function parseRunResult(text: string): RunResult {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw resultUnreadable({ reason: 'it is not JSON' }, { cause })
  }
  const parsed = runResultSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw resultUnreadable({ reason: `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'not valid'}` })
}

function sortMembers(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
