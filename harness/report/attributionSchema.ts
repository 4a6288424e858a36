import { z } from 'zod'

const rao = z.string().regex(/^(0|-?[1-9]\d*)$/)
const netuid = z.int().min(0)

/** What a candidate changes against the baseline, subnet by subnet. */
const effect = z.strictObject({
  roles: z.array(
    z.strictObject({
      netuid,
      role: z.enum(['miner', 'validator', 'nominator', 'owner', 'root', 'burned']),
      changeRao: rao,
    }),
  ),
  /** candidate - baseline by the names that expectations use; null: it has no value. */
  metrics: z.array(z.strictObject({ netuid, metric: z.string(), value: z.number().nullable() })),
})

/** Candidates with a part of the patches; a part that cannot run has the error instead. */
const part = z.strictObject({
  /** Places in `patches`, in their order. */
  patches: z.array(z.int().min(0)),
  effect: effect.nullable(),
  error: z.string().nullable(),
})

/** Each patch's own effect, and what they do only together. */
export const attributionSchema = z.strictObject({
  whole: effect,
  /** Each patch alone. */
  alone: z.array(part),
  /** All patches but one, by the one that is left out. */
  allBut: z.array(part),
  /** whole - sum of alone; null where one cannot run alone. */
  interaction: effect.nullable(),
})

export type Attribution = z.infer<typeof attributionSchema>
export type Effect = z.infer<typeof effect>
