import { z } from 'zod'
import type { Hex } from './forkState.js'

const blockSchema = z
  .union([
    z.int().min(1).max(4_294_967_295),
    z
      .string()
      .regex(/^0x[0-9a-f]{64}$/i, 'expected the number or hash of a block, or finalized')
      .transform((hash) => hash.toLowerCase() as Hex),
    z.literal('finalized'),
  ])
  .describe('Number or hash of the block, or finalized (the last final one, another in every run).')

const endpointSchema = z.string().min(1).max(1000)

/** A fork that is read from nodes, as a fork file says it. */
export const rpcFork = z
  .strictObject({
    rpc: z
      .union([endpointSchema, z.array(endpointSchema).min(1).max(10)])
      .describe(
        'Addresses of nodes (ws, wss, http, https) or presets (finney, archive, test), in the order they are tried.',
      ),
    block: blockSchema.optional(),
  })
  .describe('A fork of a chain, read from nodes.')

/** A fork that is read from a snapshot, as a fork file says it. */
export const snapshotFork = z
  .strictObject({
    snapshot: z.string().min(1).max(1000).describe('Snapshot file, relative to this file.'),
  })
  .describe('A fork of a chain, read from a snapshot of it.')
