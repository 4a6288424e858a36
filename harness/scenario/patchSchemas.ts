import { z } from 'zod'

/** What a scenario says of each kind of patch but policies, whose definitions check them. */
export const patchSchemas = {
  storage: z
    .strictObject({
      kind: z.literal('storage').describe("Writes to the candidate's storage."),
      set: z
        .record(z.string().min(1).max(2000), z.unknown())
        .refine((writes) => Object.keys(writes).length > 0, 'nothing is set')
        .refine((writes) => Object.keys(writes).length <= 10_000, 'at most 10,000 entries are set')
        .describe(
          'Entry -> value: "SubtensorModule.Kappa(31)": 32767; null removes the entry; numbers above 2^53 in quotes.',
        ),
    })
    .describe("Entries of the candidate's storage, set before the first block."),
} as const

export type PatchKind = 'policy' | keyof typeof patchSchemas

/** What every patch says: enough to know what else it has to say. */
export const patchHeadSchema = z
  .looseObject({
    kind: z
      .enum(['policy', 'storage'])
      .describe('What the patch is: a policy woven into the runtime, or storage writes.'),
  })
  .describe('One change of the proposal.')
