import { z } from 'zod'
import { codeAllowances } from '../runtime/patch.js'

const callName = /^[A-Za-z]\w*\.[A-Za-z]\w*$/

/** What a scenario says of each kind of patch but policies, whose definitions check them. */
export const patchSchemas = {
  hook: z
    .strictObject({
      kind: z.literal('hook').describe('A policy in TypeScript.'),
      file: z
        .string()
        .min(1)
        .max(1000)
        .describe('TypeScript or JavaScript file (.ts, .js, .mjs), relative to this file.'),
      params: z
        .record(
          z.string().regex(/^[A-Za-z]\w{0,63}$/, 'expected a name'),
          z.union([z.number(), z.string().max(1000), z.boolean()]),
        )
        .refine((params) => Object.keys(params).length <= 64, 'at most 64 parameters are taken')
        .optional()
        .describe('What the hook reads as ctx.params: numbers, texts and booleans by name.'),
    })
    .describe(
      'A policy in TypeScript, called from inside the runtime: native engine only, and only with --allow-hooks.',
    ),
  code: z
    .strictObject({
      kind: z.literal('code').describe('Another runtime for the candidate.'),
      wasm: z.string().min(1).max(1000).describe('Runtime blob (.wasm, compressed or not), relative to this file.'),
      allow: z
        .array(z.enum(codeAllowances))
        .max(codeAllowances.length)
        .optional()
        .describe(
          `What may be otherwise than in an upgrade, where the spec name stays and the spec version rises: ${codeAllowances.join(', ')}.`,
        ),
    })
    .describe('The candidate runs another runtime blob; its migrations run in the first block, as on a chain.'),
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
  call: z
    .strictObject({
      kind: z.literal('call').describe('A call as root.'),
      call: z
        .string()
        .max(200)
        .regex(callName, 'it is not of the form Pallet.call')
        .describe('Pallet.call, such as Balances.force_set_balance.'),
      args: z.record(z.string(), z.unknown()).optional().describe('Arguments by name, as JSON of their types.'),
    })
    .describe("A call dispatched as root on the candidate's state before the first block."),
} as const

export type PatchKind = 'policy' | keyof typeof patchSchemas

/** What every patch says: enough to know what else it has to say. */
export const patchHeadSchema = z
  .looseObject({
    kind: z
      .enum(['policy', 'hook', 'code', 'storage', 'call'])
      .describe(
        'What the patch is: a policy woven into the runtime, a policy in TypeScript, another runtime, storage writes, or a call as root.',
      ),
  })
  .describe('One change of the proposal.')
