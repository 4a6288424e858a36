import { defineError } from './epochdiffError.js'

export const epochNotFired = defineError<{ netuid: number; block: number; reason: string }>('E501', {
  title: 'An epoch did not fire where it was due',
  exitCode: 1,
  short: ({ netuid, block, reason }) => `Subnet ${netuid}: no epoch in block ${block}: ${reason}.`,
  why: 'A run compares the same epochs of every arm; an arm that misses one cannot be compared.',
  fix: "Look at the subnet's Tempo, LastEpochBlock and Keys and at MaxEpochsPerBlock in the scenario's state, or replay fewer subnets.",
})

export const subnetNeverDue = defineError<{ netuid: number; reason: string }>('E502', {
  title: 'A subnet has no epochs to replay',
  exitCode: 2,
  short: ({ netuid, reason }) => `Subnet ${netuid} cannot be replayed: ${reason}.`,
  fix: 'Choose a subnet that exists in the fork and has a tempo.',
})

export const runtimeFailedInReplay = defineError<{ block: number; epoch: number; cause: string }>('E503', {
  title: 'The runtime failed during a replay',
  exitCode: 1,
  short: ({ block, epoch, cause }) => `The runtime failed in block ${block} (epoch ${epoch}): ${cause}`,
  why: 'The runtime refused or lacks something in this state, or a patch broke it.',
  fix: 'Run the baseline alone. If it fails too, the state does not fit the runtime; otherwise look at the proposal.',
})

export const feedBehindReplay = defineError<{ feedBlock: number; block: number }>('E504', {
  title: 'A feed names a block that has passed',
  exitCode: 2,
  short: ({ feedBlock, block }) =>
    `The feed has writes for block ${feedBlock}, but the replay stands at block ${block}.`,
  fix: 'Start the fork before the first block of the feed, with steps in ascending order.',
})

export const emissionNotConstant = defineError<{ netuid: number; block: number }>('E505', {
  title: 'A jump crosses a change of the emission',
  exitCode: 2,
  short: ({ netuid, block }) =>
    `The alpha emission of subnet ${netuid} changed in the blocks skipped before block ${block}.`,
  why: 'Skipped blocks are credited by the increments of one block; across a halving, or when emission starts or stops, they differ.',
  fix: 'Replay every block (mode: blocks).',
})

export const payoutUnexplained = defineError<{ netuid: number; block: number; account: string; reason: string }>(
  'E511',
  {
    title: 'A payout cannot be explained',
    exitCode: 1,
    short: ({ netuid, block, account, reason }) => `Subnet ${netuid}, block ${block}, ${account}: ${reason}.`,
    why: 'The ledger reads who was paid what from the state before and after the epoch; something moved alpha that it does not know.',
    fix: 'Check that the runtime has the reward path of spec 425, or that the proposal changes amounts at a known hook only.',
  },
)

export const ledgerUnbalanced = defineError<{ netuid: number; block: number; paidRao: bigint; creditedRao: bigint }>(
  'E512',
  {
    title: 'The ledger does not balance',
    exitCode: 1,
    short: ({ netuid, block, paidRao, creditedRao }) =>
      `Subnet ${netuid}, block ${block}: the entries sum to ${paidRao} rao, the state was credited ${creditedRao} rao.`,
    why: 'This is a defect of epochdiff: no number of this run should be used.',
    fix: 'Please report it with the scenario.',
  },
)

export const inherentRefused = defineError<{ block: number; extrinsic: string; result: string }>('E525', {
  title: 'The runtime refuses an inherent of its own',
  exitCode: 1,
  short: ({ block, extrinsic, result }) =>
    `In block ${block} the runtime answered ${result.slice(0, 80)} to its own inherent ${extrinsic.slice(0, 80)}.`,
  why: 'It may need data from its node that a replay does not have.',
  fix: 'Replay without inherents and finalisation (replay: inherents: omit); that is listed as mocked.',
})

export const slotsMissing = defineError('E526', {
  title: 'The runtime has no slots',
  exitCode: 2,
  short: () => 'Inherents cannot be applied: the runtime declares neither AuraApi nor BabeApi.',
  why: 'The timestamp of a block is its slot times the slot duration.',
  fix: 'Leave out `inherents: apply`.',
})

export const layoutUnknown = defineError<{ netuid: number; spec: number }>('E527', {
  title: 'The ledger does not know this storage layout',
  exitCode: 3,
  short: ({ netuid, spec }) => `Subnet ${netuid}: what an epoch pays cannot be read from the layout of spec ${spec}.`,
  why: 'The ledger reads the layouts of specs 210 to 219 and 233 to 425, and of 143 to 194, which pay TAO a block later. From 195 to 209 rewards were gathered by hotkey in one sum, of which no role can be told (docs/fidelity.md).',
  fix: 'Use a fork of a later block, or a runtime with one of those layouts.',
})

export const rulesUnknown = defineError<{ spec: number }>('E529', {
  title: 'The reference runtime does not know the rules of this spec',
  exitCode: 2,
  short: ({ spec }) =>
    `The forked state is of spec ${spec}; the reference runtime knows the rules of specs 334 to 425.`,
  why: 'Up to spec 333 root dividends were sold for TAO at once, in pools that the reference runtime does not have.',
  fix: "Run the chain's own runtime: `runtime: on-chain`.",
})
