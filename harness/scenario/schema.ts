import { z } from 'zod'
import { builtInForks } from '../fork/builtInFork.js'
import { rpcFork, snapshotFork } from '../fork/chainSchemas.js'
import { chainSpecFork } from '../fork/chainSpec.js'
import { SAMPLES } from '../fork/sn31Data.js'
import { patchHeadSchema } from './patchSchemas.js'

const editorSchema = z.string().optional().describe('JSON Schema of this file, for editors.')

const forkFileHead = {
  $schema: editorSchema,
  version: z.literal(1).describe('Version of this format: 1.'),
}

/** What every fork file says: enough to know which of `forkSchemas` it has to meet. */
export const forkHeadSchema = z.looseObject({
  ...forkFileHead,
  builtIn: z.enum(['sn31', 'small', 'mainnet-shape']).describe('Which built-in fork: sn31, small or mainnet-shape.'),
})

/** A fork file, by its `builtIn`. Several scenarios stand on one. */
export const forkSchemas = {
  sn31: builtInForks.sn31.schema.extend(forkFileHead),
  small: builtInForks.small.schema.extend(forkFileHead),
  'mainnet-shape': builtInForks['mainnet-shape'].schema.extend(forkFileHead),
}

/** A fork file that names a chain spec. */
export const chainSpecSchema = chainSpecFork.extend(forkFileHead)

/** A fork file that names nodes of a chain. */
export const rpcSchema = rpcFork.extend(forkFileHead)

/** A fork file that names a snapshot of a chain. */
export const snapshotSchema = snapshotFork.extend(forkFileHead)

/** A fork file of any of them, for editors. */
export const forkSchema = z
  .union([
    forkSchemas.sn31,
    forkSchemas.small,
    forkSchemas['mainnet-shape'],
    chainSpecSchema,
    rpcSchema,
    snapshotSchema,
  ])
  .describe('A fork of epochdiff: where the chain state comes from.')

export type BuiltInFile = z.infer<(typeof forkSchemas)[keyof typeof forkSchemas]>

const MAX_EPOCHS = 10_000

export const replaySchema = z
  .strictObject({
    epochs: z
      .int()
      .min(1)
      .max(MAX_EPOCHS)
      .describe(`How many epochs of each subnet, 1 to ${MAX_EPOCHS}; the recorded fork (sn31) has ${SAMPLES}.`),
    mode: z
      .enum(['jump', 'blocks'])
      .describe(
        'jump: only the blocks in which epochs fire, with the emission of the skipped ones written in; blocks: every block of a tempo.',
      ),
    inherents: z
      .enum(['apply', 'omit'])
      .optional()
      .describe(
        'apply: blocks take the inherents of their runtime (timestamp) and are finalised; omit: they are only opened, which is when rewards are paid. If left out: apply, but omit for a built-in fork and for a runtime without slots.',
      ),
  })
  .describe('What is replayed.')

/** How many epochs the recording of a fork has; `undefined` for a fork that needs none. */
export const recordedEpochs = (fork: object): number | undefined =>
  'builtIn' in fork && fork.builtIn === 'sn31' ? SAMPLES : undefined

const expectationSchema = z
  .strictObject({
    metric: z.string().min(1).max(200).describe('Name of the number, such as change.rewards.hotkey.gini.'),
    subnet: z.int().min(0).max(65_535).optional().describe('Netuid; every subnet of the run if left out.'),
    op: z.enum(['<', '<=', '=', '>=', '>']).describe('How the number has to compare with `value`.'),
    value: z.number().describe('In the unit of the metric.'),
    tolerance: z
      .number()
      .min(0)
      .optional()
      .describe('How far it may be missed, in the unit of the metric; 0 if left out.'),
  })
  .describe('Something the run has to show; a run that does not fails.')

export const scenarioSchema = z
  .strictObject({
    $schema: editorSchema,
    version: z.literal(1).describe('Version of this format: 1.'),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and hyphens, at most 64')
      .describe('Short name: lower-case letters, digits and hyphens.'),
    title: z.string().min(1).max(200).describe('What is proposed, in a line.'),
    description: z.string().max(4000).optional().describe('What a reader should know beyond the title.'),
    fork: z.string().min(1).max(1000).describe('Fork file that the run stands on, relative to this file.'),
    runtime: z
      .string()
      .min(1)
      .max(1000)
      .describe(
        'The runtime of the baseline: reference, on-chain (the :code of the chain that is forked), or a runtime blob (.wasm) relative to this file.',
      ),
    subnets: z
      .array(z.int().min(1).max(65_535))
      .min(1)
      .max(1000)
      .refine((netuids) => new Set(netuids).size === netuids.length, 'a netuid stands twice')
      .describe('Netuids that are measured; the fork has to have them.'),
    replay: replaySchema,
    patches: z
      .array(patchHeadSchema)
      .max(16)
      .describe('What the candidate differs in; none: a run that must change nothing.'),
    attribution: z
      .literal(true)
      .optional()
      .describe('Whether each patch is also run alone, and all but each: what each does, and what only all do.'),
    callSites: z
      .enum(['all', 'epoch'])
      .default('all')
      .describe(
        'Which calls of a hook meet the policies: all, so that runtime APIs too show what the epoch takes, or the epoch alone.',
      ),
    expect: z.array(expectationSchema).max(100).optional().describe('What the run has to show.'),
  })
  .describe('A scenario of epochdiff: a proposal and the epochs it is measured on.')
