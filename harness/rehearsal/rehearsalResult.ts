import { z } from 'zod'

const count = z.int().min(0)
const hash = z.string().regex(/^0x[0-9a-f]{64}$/)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const rao = z.string().regex(/^(0|-?[1-9]\d*)$/)
const runtime = z.strictObject({ specVersion: count, sha256 })

/** What a rehearsal was and what came of it; everything that is printed is made of it. Amounts in rao of a subnet's alpha, times in
 *  milliseconds since the first node was started. */
export const rehearsalSchema = z.strictObject({
  rehearsalVersion: z.literal(1),
  tool: z.strictObject({ name: z.literal('epochdiff'), version: z.string() }),
  scenario: z.strictObject({ name: z.string(), title: z.string(), file: z.string(), overrides: z.array(z.string()) }),
  network: z.strictObject({
    provider: z.enum(['process', 'zombienet']),
    /** What the binary says of itself. */
    node: z.string(),
    validators: z.array(z.string()),
    slotMs: count,
    tempo: count,
    genesisHash: hash,
  }),
  runtimes: z.strictObject({ baseline: runtime, candidate: runtime }),
  upgrade: z.strictObject({
    how: z.enum(['set-code', 'authorize']),
    submittedMs: count.nullable(),
    /** The block that set the code; the next one is the candidate's first. */
    block: count.nullable(),
    finalizedMs: count.nullable(),
  }),
  fault: z.enum(['kill', 'late', 'panic', 'overweight']).nullable(),
  timeline: z.array(z.strictObject({ ms: count, what: z.string() })),
  /** As they were when the network was ended; null: it did not answer. */
  nodes: z.array(
    z.strictObject({
      name: z.string(),
      status: z.strictObject({ best: count, finalized: count, specVersion: count }).nullable(),
    }),
  ),
  /** Replayed by the native engine; the state root of each is the node's. */
  blocks: z.array(
    z.strictObject({
      number: count,
      hash,
      stateRoot: hash,
      specVersion: count,
      extrinsics: count,
      /** Subnets that were paid in it. */
      epochs: z.array(count),
      /** It set a runtime, which runs from the next block on. */
      upgrades: z.boolean(),
      /** Between its first sight as best and as final block; null: it was replayed without being final. */
      finalityMs: count.nullable(),
    }),
  ),
  /** Ledgers, read from the nodes' storage and from the engine's. All of them are equal, unless `failure` says otherwise. */
  epochs: z.array(
    z.strictObject({
      netuid: count,
      block: count,
      specVersion: count,
      accounts: count,
      nodesRao: rao,
      engineRao: rao,
    }),
  ),
  mocks: z.array(z.string()),
  /** null: it went as it should. */
  failure: z.strictObject({ code: z.string(), message: z.string(), fix: z.string() }).nullable(),
  timing: z.strictObject({ prepareMs: count, networkMs: count, teardownMs: count }),
})

export type RehearsalResult = z.infer<typeof rehearsalSchema>

export const serialiseRehearsal = (result: RehearsalResult): string =>
  `${JSON.stringify(rehearsalSchema.parse(result), null, 2)}\n`
