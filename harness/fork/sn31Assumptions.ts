import { z } from 'zod'
import { BLOCK_SPACING } from './sn31Data.js'

const u16 = z.int().min(0).max(65_535)
const of65535 = 'parts of 65535'

/** What the recording lacks and a fork file states instead; names are the chain's storage items. */
export const sn31Assumptions = z
  .strictObject({
    tempo: z
      .literal(BLOCK_SPACING)
      .describe(
        'Tempo, blocks per epoch. The samples are 360 blocks apart, and each feeds one epoch: no other value fits.',
      ),
    networkRegisteredAt: z
      .int()
      .min(0)
      .max(3_599_640)
      .describe('NetworkRegisteredAt and FirstEmissionBlockNumber: block since which the subnet exists and emits.'),
    maxAllowedValidators: u16.describe('MaxAllowedValidators: how many uids get a validator permit, by stake.'),
    activityCutoffFactorMilli: z
      .int()
      .min(0)
      .max(1_000_000)
      .describe(
        'ActivityCutoffFactorMilli, thousandths of a tempo: 13889 makes a uid inactive 5000 blocks after its last weights.',
      ),
    stakeThreshold: z
      .int()
      .min(0)
      .describe('StakeThreshold, rao: a uid with less stake weight counts nothing as a validator.'),
    kappa: u16.describe(`Kappa, ${of65535}: majority of stake that a weight needs to count in full.`),
    bondsMovingAverage: z
      .int()
      .min(0)
      .max(1_000_000)
      .describe('BondsMovingAverage, parts of 1000000: weight of the old bond in the new one.'),
    bondsPenalty: u16.describe(`BondsPenalty, ${of65535}: how far bonds follow the clipped weights.`),
    yuma3On: z.boolean().describe('Yuma3On: bonds of Yuma3 instead of Yuma2.'),
    liquidAlphaOn: z.boolean().describe('LiquidAlphaOn: bonds of Yuma3 move at a rate of their own for each miner.'),
    alphaValues: z
      .tuple([u16, u16])
      .refine(([low, high]) => low <= high, 'the low value comes first')
      .describe(
        `AlphaValues [low, high], ${of65535}: bounds of liquid alpha. Without effect while liquidAlphaOn is false.`,
      ),
    alphaSigmoidSteepness: z
      .int()
      .min(-32_768)
      .max(32_767)
      .describe('AlphaSigmoidSteepness, hundredths. Without effect while liquidAlphaOn is false.'),
    commitRevealWeightsEnabled: z
      .literal(false)
      .describe('CommitRevealWeightsEnabled: no commits are recorded, weights count as soon as they are fed.'),
    ownerCutEnabled: z
      .boolean()
      .describe('OwnerCutEnabled: whether the subnet owner gets a part of the alpha emitted.'),
    subnetOwnerCut: u16.describe(`SubnetOwnerCut, ${of65535}: that part.`),
    delegateTake: u16.describe(
      `Delegates, ${of65535}: each hotkey's take. Without nominators it goes to the coldkey that also gets the rest.`,
    ),
    taoWeight: z
      .string()
      .regex(/^\d{1,20}$/, { error: 'a whole number in quotes is wanted', abort: true })
      .refine((text) => BigInt(text) < 1n << 64n, 'at most 2^64 - 1 is taken')
      .describe('TaoWeight, parts of 2^64 - 1, in quotes. Without effect: no root stake is recorded.'),
  })
  .describe('What the recording lacks: every value is written into the forked state and repeated in the report.')

export type Sn31Assumptions = z.infer<typeof sn31Assumptions>
