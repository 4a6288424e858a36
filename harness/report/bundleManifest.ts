import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { bundleUnreadable } from '../errors/bundle.js'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** A path below the bundle's folder: no way out of it, nothing that a terminal or another system would read differently. */
const path = z
  .string()
  .max(1000)
  .regex(/^[^\\\p{C}]+$/u)
  .refine((text) => text.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), 'it leads elsewhere')

/** `bundle.json`, version 1: what a bundle is made of, and what was run. */
const manifestSchema = z.strictObject({
  bundleVersion: z.literal(1),
  tool: z.strictObject({ name: z.literal('epochdiff'), version: z.string() }),
  run: z.strictObject({
    /** The scenario's place in the bundle. */
    scenario: path,
    /** As given to --set. */
    overrides: z.array(z.string()),
    engine: z.enum(['native', 'chopsticks']),
    crossCheckedEpochs: z.int().min(0),
    /** What the command line said instead of the scenario's fork file; null: nothing. A snapshot as it was named, and its place. */
    fork: z
      .union([
        z.strictObject({ rpc: z.array(z.string()), block: z.union([z.string(), z.int().min(1)]) }),
        z.strictObject({ snapshot: z.string(), path }),
      ])
      .nullable(),
    /** Place of the snapshot of what was read of nodes; null: nothing was, or it was left out. */
    state: path.nullable(),
    /** Place of the candidate's own runtime; null: it has none. */
    code: path.nullable(),
  }),
  /** Every file but bundle.json, by path. */
  files: z.array(
    z.strictObject({
      path,
      sha256,
      bytes: z.int().min(0),
      /** false: too large to copy; whoever repeats the run has to put it there. */
      held: z.boolean(),
    }),
  ),
})

export type BundleManifest = z.infer<typeof manifestSchema>

export const MANIFEST_FILE = 'bundle.json'

/** Where a bundle has the state that its run read of nodes. */
export const STATE_FILE = 'fork.snapshot'

/** @throws E722 */
export async function readManifest(folder: string): Promise<BundleManifest> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(join(folder, MANIFEST_FILE), 'utf8'))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? `it has no ${MANIFEST_FILE}` : `${MANIFEST_FILE} cannot be read: ${message}`
    throw bundleUnreadable({ folder, reason }, { cause })
  }
  const parsed = manifestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw bundleUnreadable({ folder, reason: `${MANIFEST_FILE}: ${issue?.path.join('.')}: ${issue?.message}` })
}

export function serialiseManifest(manifest: BundleManifest): string {
  return `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`
}
