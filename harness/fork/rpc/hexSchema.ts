import { z } from 'zod'
import type { Hex } from '../forkState.js'

/** Whole bytes of hexadecimal with the prefix, in lower case whatever the node writes. */
export const hexSchema = z
  .string()
  .regex(/^0x(?:[0-9a-f]{2})*$/i, 'expected hexadecimal')
  .transform((text) => text.toLowerCase() as Hex)

export const hashSchema = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i, 'expected a hash of 32 bytes')
  .transform((text) => text.toLowerCase() as Hex)
