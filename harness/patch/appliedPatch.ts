import { z } from 'zod'

/** What the runtime reads from an entry: decoded, with wide integers as decimal strings; of undecodable bytes their hexadecimal. */
const reading = z.strictObject({
  /** false: there is no entry, `value` is the item's default or null. */
  stored: z.boolean(),
  value: z.json(),
})

const storageChange = z.strictObject({
  /** Pallet.Item, or the key in hexadecimal where the metadata knows no item of it. */
  item: z.string(),
  keys: z.array(z.json()),
  before: reading,
  after: reading,
})

const policy = z.strictObject({
  kind: z.literal('policy'),
  policy: z.string(),
  params: z.record(z.string(), z.union([z.number(), z.string()])),
})

const storage = z.strictObject({
  kind: z.literal('storage'),
  /** In the order they were made. */
  writes: z.array(storageChange),
})

/** A patch and what it did to the candidate before the first epoch, as `result.json` keeps it. */
export const appliedPatchSchema = z.discriminatedUnion('kind', [policy, storage])

export type AppliedPatch = z.infer<typeof appliedPatchSchema>
export type AppliedStorage = z.infer<typeof storage>
export type StorageChange = z.infer<typeof storageChange>
export type Json = z.infer<ReturnType<typeof z.json>>
