import { z } from 'zod'
import { codeAllowances } from '../runtime/patch.js'

const count = z.int().min(0)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

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

/** Changes of an item of which only the first may be listed. */
const itemChanges = z.strictObject({
  item: z.string(),
  written: count,
  removed: count,
  /** In the order of the keys; the others are counted only. */
  entries: z.array(storageChange),
})

const policy = z.strictObject({
  kind: z.literal('policy'),
  policy: z.string(),
  params: z.record(z.string(), z.union([z.number(), z.string()])),
})

const hook = z.strictObject({
  kind: z.literal('hook'),
  /** As it was stated. */
  file: z.string(),
  /** Of the file. */
  sha256,
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
})

/** At whose end it acted, with the code patch before it; left out: before the first block. */
const afterBlock = count.optional()

const storage = z.strictObject({
  kind: z.literal('storage'),
  afterBlock,
  /** In the order they were made. */
  writes: z.array(storageChange),
})

const call = z.strictObject({
  kind: z.literal('call'),
  afterBlock,
  /** As the metadata spells it. */
  call: z.string(),
  args: z.record(z.string(), z.json()),
  /** Calls through which it was dispatched as root. */
  through: z.string(),
  changes: z.array(itemChanges),
  /** Of the call, Pallet.Event, in order. */
  events: z.array(z.string()),
})

const code = z.strictObject({
  kind: z.literal('code'),
  /** As it was stated. */
  wasm: z.string(),
  /** Of the uncompressed blob, before policies were woven in. */
  sha256,
  allow: z.array(z.enum(codeAllowances)),
  from: z.strictObject({ specName: z.string(), specVersion: count, sha256 }),
  to: z.strictObject({ specName: z.string(), specVersion: count }),
  /** null: the runtime runs no migrations, since by name and version it is no upgrade. */
  migrations: z
    .strictObject({
      /** Differences of the first block with and without migrations; false: without them it fails, so they are all its changes. */
      isolated: z.boolean(),
      changes: z.array(itemChanges),
      /** What they add to the block's mandatory weight; null: not known. */
      weight: z.strictObject({ refTime: z.string(), proofSize: z.string() }).nullable(),
      logs: z.array(z.string()),
      /** Whether the blob has the runtime API TryRuntime, whose checks before and after the migrations are then run. */
      tryRuntime: z.enum(['passed', 'absent']),
    })
    .nullable(),
})

/** A patch and what it did to the candidate before the first epoch, as `result.json` keeps it. */
export const appliedPatchSchema = z.discriminatedUnion('kind', [policy, hook, code, storage, call])

export type AppliedPatch = z.infer<typeof appliedPatchSchema>
export type AppliedStorage = z.infer<typeof storage>
export type AppliedCall = z.infer<typeof call>
export type AppliedCode = z.infer<typeof code>
export type StorageChange = z.infer<typeof storageChange>
export type ItemChanges = z.infer<typeof itemChanges>
export type Json = z.infer<ReturnType<typeof z.json>>
