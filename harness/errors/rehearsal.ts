import { defineError } from './epochdiffError.js'

export const nodeBinaryMissing = defineError<{ tried: readonly string[] }>('E801', {
  title: 'There is no node to rehearse with',
  exitCode: 3,
  short: ({ tried }) => `No node binary: tried ${tried.join(', ')}.`,
  fix: 'Build ours once (bash runtime-patches/node/build.sh), or name one: --node node-subtensor.',
})

export const nodeFailed = defineError<{ node: string; reason: string; log: readonly string[] }>('E802', {
  title: 'A node failed',
  exitCode: 3,
  short: ({ node, reason, log }) =>
    [`Node ${node}: ${reason}.`, ...log.map((line) => `  it logged: ${line}`)].join('\n'),
  why: 'It cannot be started here, or it does not take this chain spec.',
  fix: 'Read its log (in the bundle of --out); try the binary with --version.',
})

export const wholeStateNeeded = defineError<{ fork: string }>('E803', {
  title: 'Only a whole state can be rehearsed',
  exitCode: 2,
  short: ({ fork }) => `The fork (${fork}) is read entry by entry; nodes need all of it in their genesis.`,
  why: 'A state with parts missing would run, and pay something else.',
  fix: "Export the block's state with the chain's node (export-state) and use it as a fork file with chainSpec, or rehearse on a built-in fork.",
})

export const consensusMissing = defineError<{ missing: readonly string[] }>('E804', {
  title: 'The runtime cannot be run by nodes',
  exitCode: 2,
  short: ({ missing }) => `The runtime has no ${missing.join(', no ')}.`,
  why: 'Nodes need a runtime with Aura and Grandpa; the upgrade is made by Sudo.',
  fix: 'Use `runtime: reference` (its consensus build is taken) or a solo chain runtime with Aura, Grandpa and Sudo.',
})

export const upgradeRefused = defineError<{ step: string; reason: string }>('E805', {
  title: 'The upgrade was refused',
  exitCode: 1,
  short: ({ step, reason }) => `${step}: ${reason}.`,
  why: 'A node takes an upgrade only with the same spec name and a higher spec version, from whoever may ask for it.',
  fix: 'Look at the events of the block in the timeline, and at what the candidate says of itself: epochdiff runtime inspect.',
})

export const chainStalled = defineError<{ block: number; seconds: number; cause: string }>('E806', {
  title: 'The chain stalled',
  exitCode: 1,
  short: ({ block, seconds, cause }) => `No block after ${block} for ${seconds} s: ${cause}.`,
  why: 'No validator could build a block on it.',
  fix: 'If it stands where the upgrade took effect, the candidate fails in every block: do not propose it. The logs in the bundle say where.',
})

export const finalityStalled = defineError<{ finalized: number; best: number; seconds: number }>('E807', {
  title: 'Finality stalled',
  exitCode: 1,
  short: ({ finalized, best, seconds }) =>
    `Nothing after block ${finalized} was finalised for ${seconds} s, while blocks went on to ${best}.`,
  why: 'More than two thirds of the validators have to vote for the same chain.',
  fix: 'Look in the logs for a validator that does not follow the others after the upgrade.',
})

export const nodesDisagree = defineError<{ block: number; key: string; node: string; engine: string }>('E808', {
  title: 'Nodes and engine differ',
  exitCode: 1,
  short: ({ block, key, node, engine }) =>
    `Block ${block}, ${key}: the nodes have ${node}, the native engine has ${engine}.`,
  why: 'The engine was fed the same blocks from the same genesis: one of the two does not do what the runtime says.',
  fix: 'Report it with the bundle: its blocks.json.gz repeats it without a node.',
})

export const rehearsedLedgersDiffer = defineError<{ place: string; node: string; engine: string }>('E809', {
  title: 'The ledgers of nodes and engine differ',
  exitCode: 1,
  short: ({ place, node, engine }) => `${place}: paid ${node} by the nodes, ${engine} by the prediction (alpha rao).`,
  why: 'Both were read from storage after the same blocks.',
  fix: 'Report it with the bundle.',
})

export const nodeNotUpgraded = defineError<{ node: string; found: number; expected: number }>('E810', {
  title: 'A node runs another runtime',
  exitCode: 1,
  short: ({ node, found, expected }) => `Node ${node} is at spec ${found} and should be at ${expected}.`,
  fix: 'Look at its log: does it follow the chain?',
})

export const migrationTooHeavy = defineError<{ block: number; weight: bigint; most: bigint; millis: number }>('E811', {
  title: 'A block exceeds its weight',
  exitCode: 1,
  short: ({ block, weight, most, millis }) =>
    `Block ${block}, the first of the candidate, weighs ${weight} of at most ${most} (ref_time); it came ${millis} ms after the one before it.`,
  why: 'What a migration does cannot be refused: the block is built all the same, and the chain waits for it as long as it runs.',
  fix: 'Migrate in steps over several blocks.',
})

export const leftBehind = defineError<{ what: readonly string[] }>('E812', {
  title: 'Something of the network is left',
  exitCode: 3,
  short: ({ what }) => `After the teardown there still are ${what.join(', ')}.`,
  fix: 'End it by hand, and report it.',
})

export const zombienetMissing = defineError<{ folder: string }>('E813', {
  title: 'Zombienet is not installed',
  exitCode: 3,
  short: ({ folder }) => `There is no @zombienet/cli in ${folder}.`,
  why: 'It is 225 MB that nothing else needs, so it is not among the dependencies.',
  fix: 'epochdiff rehearse --install-zombienet, or leave out --provider zombienet.',
})

export const portTaken = defineError<{ port: number }>('E814', {
  title: 'A port is taken',
  exitCode: 3,
  short: ({ port }) => `Port ${port} of 127.0.0.1 is taken.`,
  fix: 'Choose another --base-port, or leave it out: free ports are taken.',
})

export const notRehearsable = defineError<{ what: string; instead: string }>('E815', {
  title: 'It cannot be rehearsed',
  exitCode: 2,
  short: ({ what }) => `${what} cannot be rehearsed on nodes.`,
  fix: ({ instead }) => instead,
})
