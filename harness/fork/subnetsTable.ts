import { decodeAddress } from './polkadotPackages.js'
import { z } from 'zod'
import { parseRecording, readRecording } from './recording.js'

/** Subnets of the table, root (netuid 0) included. */
export const TABLE_SUBNETS = 129

const u16 = z.int().min(0).max(65_535)
const u64 = z.int().min(0)
/** 39 digits hold u128; what is read of them has 64 or 128 bits. */
const decimal = z.string().regex(/^\d{1,39}$/, 'a whole number is wanted')
const address = z.string().refine(isAddress, 'no SS58 address')
const column = <T extends z.ZodType>(element: T) => z.array(element).length(TABLE_SUBNETS)

const table = z
  .strictObject({
    format: z.literal('subnets-table/1'),
    network: z.string().max(100),
    block: z.int().min(1).max(0xffff_ffff),
    blockHash: z.string().regex(/^0x[0-9a-f]{64}$/),
    specVersion: z.int().min(0),
    units: z.record(z.string(), z.string()),
    n: z.literal(TABLE_SUBNETS),
    subnets: z.strictObject({
      netuid: column(u16),
      tempo: column(u16.min(1)),
      rho: column(u16),
      kappa: column(u16),
      immunityPeriod: column(u16),
      maxAllowedValidators: column(u16),
      minAllowedWeights: column(u16),
      maxWeightsLimit: column(u16),
      scalingLawPower: column(u16),
      subnetworkN: column(u16.min(1)),
      maxAllowedUids: column(u16),
      blocksSinceLastStep: column(u64),
      emissionValue: column(u64),
      burn: column(u64),
      difficulty: column(decimal),
      ownerColdkey: column(address),
      name: column(z.string().max(1000).nullable()),
      alphaSqrtPrice: column(decimal.nullable()),
    }),
  })
  .superRefine(({ subnets }, context) => {
    const fail = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path: ['subnets', ...path], message })
    const displaced = subnets.netuid.findIndex((netuid, index) => netuid !== index)
    if (displaced >= 0) fail(['netuid', displaced], `netuid ${displaced} is wanted`)
    const priceless = subnets.alphaSqrtPrice.findIndex((price, netuid) => netuid > 0 && /^0*$/.test(price ?? ''))
    if (priceless >= 0) fail(['alphaSqrtPrice', priceless], 'a subnet has a price')
  })

/** Hyperparameters and spot prices of mainnet's subnets at one block; column by column in scenarios/data/README.md. */
export type SubnetsTable = z.infer<typeof table>

/** @param file shown in errors
 *  @throws E213 naming the first thing that is wrong */
export const parseSubnetsTable = (json: unknown, file: string): SubnetsTable => parseRecording(table, json, file)

/** @param sha256 of the file as it is on disk, lower-case hexadecimal
 *  @throws E211 when the file cannot be read, E212 when its sum is another, E213 when it does not hold such a table */
export async function readSubnetsTable(file: string, sha256: string): Promise<SubnetsTable> {
  return parseSubnetsTable(await readRecording(file, sha256), file)
}

function isAddress(text: string): boolean {
  try {
    return decodeAddress(text).length === 32
  } catch {
    return false
  }
}
