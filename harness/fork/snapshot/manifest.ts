import { z } from 'zod'
import { hashSchema, hexSchema } from '../rpc/hexSchema.js'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().min(0)

/** First line of a snapshot: what it is of, what it holds, and whom it believes. */
export const manifestSchema = z.strictObject({
  format: z.literal('epochdiff-snapshot'),
  version: z.literal(1),
  chain: z.string().max(100),
  genesisHash: hashSchema,
  block: z.strictObject({ number: count, hash: hashSchema }),
  header: z.strictObject({
    parentHash: hashSchema,
    number: count,
    stateRoot: hashSchema,
    extrinsicsRoot: hashSchema,
    digest: z.array(hexSchema).max(1_000),
  }),
  trust: z.union([
    z.strictObject({ kind: z.literal('proven') }),
    z.strictObject({ kind: z.literal('trusted'), endpoints: z.array(z.string().max(1_000)).max(100) }),
  ]),
  /** Ranges of keys that the snapshot holds completely. */
  complete: z.array(z.strictObject({ from: hexSchema, to: hexSchema.optional() })),
  /** Keys outside of them that have no entry. */
  absent: z.array(hexSchema),
  entries: count,
  sha256: z.strictObject({
    /** Of the lines of the entries. */
    state: sha256,
    /** Of the runtime's metadata, by which keys are named. */
    metadata: sha256,
    /** Of `:code`. */
    code: sha256,
  }),
})

export type Manifest = z.infer<typeof manifestSchema>
