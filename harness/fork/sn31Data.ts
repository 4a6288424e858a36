import { z } from 'zod'
import { parseRecording, readRecording } from './recording.js'

export const NETUID = 31
export const FIRST_BLOCK = 3_600_000
export const BLOCK_SPACING = 360
export const UIDS = 256
export const SAMPLES = 100

/** Alpha issued at which the alpha emission of a block halves, rao; the replay itself adds 1e9 a block. */
const HALVING_RAO = 10_500_000_000_000_000n

const uid = z
  .int()
  .min(0)
  .max(UIDS - 1)
const block = z.int().min(0).max(0xffff_ffff)
const rao = z.int().min(0)
const perUid = <T extends z.ZodType>(element: T) => z.array(element).length(UIDS)
const perSample = <T extends z.ZodType>(element: T) => z.array(element).length(SAMPLES)
const distinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length

const weightRow = z
  .tuple([z.array(uid).max(UIDS), z.array(z.int().min(0).max(65_535)).max(UIDS)])
  .refine(([uids, weights]) => uids.length === weights.length, 'as many weights as destinations are wanted')
  .refine(([uids]) => distinct(uids), 'a destination stands twice')

const recording = z
  .strictObject({
    format: z.literal('sn31-epochs/1'),
    network: z.string().max(100),
    netuid: z.literal(NETUID),
    n: z.literal(UIDS),
    blockSpacing: z.literal(BLOCK_SPACING),
    units: z.record(z.string(), z.string()),
    blocks: perSample(block),
    stake: perUid(rao),
    weightRows: z.array(weightRow).max(SAMPLES * UIDS),
    weights: perSample(z.array(z.tuple([uid, z.int().min(0)])).max(UIDS)),
    lastUpdate: perSample(perUid(block)),
    registrationBlock: perSample(perUid(block)),
    validatorPermit: perSample(z.array(uid).max(UIDS).refine(distinct, 'a uid stands twice')),
  })
  .superRefine((data, context) => {
    const fail = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message })
    data.blocks.forEach((at, sample) => {
      const expected = FIRST_BLOCK + BLOCK_SPACING * sample
      if (at !== expected) fail(['blocks', sample], `block ${expected} is wanted`)
    })
    data.weights.forEach((rows, sample) => {
      if (!distinct(rows.map(([validator]) => validator))) fail(['weights', sample], 'a uid has two rows')
      const beyond = rows.find(([, row]) => row >= data.weightRows.length)
      if (beyond !== undefined) fail(['weights', sample], `row ${beyond[1]} does not exist`)
    })
    data.registrationBlock.forEach((blocks, sample) => {
      const later = blocks.findIndex((at, index) => at < (data.registrationBlock[sample - 1]?.[index] ?? 0))
      if (later >= 0) fail(['registrationBlock', sample, later], 'a registration goes back in time')
    })
    const stake = data.stake.reduce((sum, amount) => sum + BigInt(amount), 0n)
    if (stake === 0n) fail(['stake'], 'nobody has stake')
    if (stake + BigInt(SAMPLES * BLOCK_SPACING) * 1_000_000_000n >= HALVING_RAO) {
      fail(['stake'], 'the total reaches the first halving: a block would no longer emit 1 alpha')
    }
  })

/** 100 samples of subnet 31; field by field in scenarios/data/README.md. */
export type Sn31Data = z.infer<typeof recording>

/** @param file shown in errors
 *  @throws E213 naming the first thing that is wrong */
export const parseSn31Data = (json: unknown, file: string): Sn31Data => parseRecording(recording, json, file)

/** @param sha256 of the file as it is on disk, lower-case hexadecimal
 *  @throws E211 when the file cannot be read, E212 when its sum is another, E213 when it does not hold such a recording */
export async function readSn31Data(file: string, sha256: string): Promise<Sn31Data> {
  return parseSn31Data(await readRecording(file, sha256), file)
}
