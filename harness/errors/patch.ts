import { defineError } from './epochdiffError.js'

interface Place {
  /** file:line:column, or the option that said it. */
  readonly at: string
}

export const storageItemUnknown = defineError<
  Place & { path: string; meant: string | undefined; known: readonly string[] }
>('E360', {
  title: 'A storage patch names an unknown item',
  exitCode: 2,
  short: ({ at, path }) => `${at}: this runtime has no storage item ${path}.`,
  why: "Entries are written by the runtime's own metadata.",
  fix: ({ meant, known }) => (meant === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${meant}"?`),
})

export const storageKeysInvalid = defineError<Place & { path: string; reason: string }>('E361', {
  title: 'The keys of a storage patch do not fit the item',
  exitCode: 2,
  short: ({ at, path, reason }) => `${at}: ${path}: ${reason}.`,
  fix: 'Give as many keys as the item has, each of its type: a number, an account (SS58 or 32 bytes in hexadecimal), or JSON.',
})

export const storageValueInvalid = defineError<Place & { path: string; reason: string }>('E362', {
  title: 'The value of a storage patch does not fit the item',
  exitCode: 2,
  short: ({ at, path, reason }) => `${at}: ${path}: ${reason}.`,
  fix: "Give the value as JSON of the item's type: integers in its range (above 2^53 in quotes), accounts as SS58, bytes in hexadecimal, fixed-point numbers as their bits; null removes the entry.",
})

export const callUnknown = defineError<Place & { call: string; meant: string | undefined; known: readonly string[] }>(
  'E363',
  {
    title: 'A call patch names an unknown call',
    exitCode: 2,
    short: ({ at, call }) => `${at}: this runtime has no call ${call}.`,
    fix: ({ meant, known }) => (meant === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${meant}"?`),
  },
)

export const callArgumentsInvalid = defineError<Place & { call: string; reason: string; args: readonly string[] }>(
  'E364',
  {
    title: 'The arguments of a call patch do not fit the call',
    exitCode: 2,
    short: ({ at, call, reason }) => `${at}: ${call}: ${reason}.`,
    fix: ({ args }) =>
      args.length === 0
        ? 'Leave `args` out: the call takes none.'
        : `Give ${args.join(', ')} by name, as JSON of their types: integers in range (above 2^53 in quotes), accounts as SS58, bytes in hexadecimal.`,
  },
)

export const callFailed = defineError<Place & { call: string; error: string }>('E365', {
  title: 'A call failed',
  exitCode: 1,
  short: ({ at, call, error }) => `${at}: ${call} was dispatched as root and failed: ${error}.`,
  why: 'On a chain it would fail alike, and change nothing.',
  fix: 'Correct the arguments, or first bring the state to where the call succeeds (a storage patch, or another call before it).',
})

export const callNotDispatched = defineError<Place & { call: string; reason: string }>('E366', {
  title: 'A call cannot be dispatched',
  exitCode: 2,
  short: ({ at, call, reason }) => `${at}: ${call} cannot be dispatched as root: ${reason}.`,
  why: 'A call is dispatched by an extrinsic of the sudo key, as on a chain.',
  fix: 'Use a runtime with the pallet Sudo and signed extensions that epochdiff knows, or write what the call would write with a storage patch.',
})

export const candidateRuntimeUnreadable = defineError<Place & { file: string; reason: string }>('E367', {
  title: 'The runtime of a code patch cannot be read',
  exitCode: 2,
  short: ({ at, file, reason }) => `${at}: ${file} cannot be read: ${reason}.`,
  fix: 'Name a runtime blob (.wasm, compressed or not): after `wasm:` relative to the scenario, with --runtime relative to the current folder.',
})

export const specNameDiffers = defineError<Place & { from: string; to: string }>('E368', {
  title: 'The runtime of a code patch is of another chain',
  exitCode: 2,
  short: ({ at, from, to }) => `${at}: the runtime has the spec name "${to}", the fork's runtime has "${from}".`,
  why: 'A chain refuses an upgrade to a runtime with another spec name.',
  fix: 'Use a runtime of the same chain, or state `allow: [other-name]` (--runtime-allow other-name).',
})

export const specVersionNotHigher = defineError<Place & { from: number; to: number }>('E369', {
  title: 'The runtime of a code patch is no upgrade',
  exitCode: 2,
  short: ({ at, from, to }) =>
    `${at}: the runtime has spec version ${to}, which is ${to === from ? 'that of' : 'lower than'} the fork's runtime${to === from ? '' : ` (${from})`}.`,
  why: 'A chain refuses an upgrade whose spec version is not higher, and without one no migrations run.',
  fix: ({ from, to }) =>
    `Raise spec_version in the runtime, or state \`allow: [${to === from ? 'same-version' : 'lower-version'}]\` (--runtime-allow ${to === from ? 'same-version' : 'lower-version'}).`,
})

export const migrationFailed = defineError<Place & { block: number; cause: string }>('E370', {
  title: 'The migrations of a runtime failed',
  exitCode: 1,
  short: ({ at, block, cause }) =>
    `${at}: the runtime's first block (${block}), which runs its migrations, fails: ${cause}`,
  why: 'A chain that upgraded to this runtime would stop here.',
  fix: "Look at the runtime's log above and at its on_runtime_upgrade; a fork that the baseline cannot run either says nothing about it.",
})

export const attributionPointless = defineError<{ patches: number }>('E372', {
  title: 'There is nothing to attribute',
  exitCode: 2,
  short: ({ patches }) =>
    `The candidate has ${patches === 0 ? 'no patch' : 'one patch'}: whatever it changes is its effect.`,
  fix: 'Leave out --attribute (`attribution:`), or state at least two patches.',
})

export const callWaitsForUpgrade = defineError<{ command: string; call: string }>('E371', {
  title: "A call waits for an upgrade's first block",
  exitCode: 2,
  short: ({ command, call }) =>
    `${call} stands after a code patch: it is dispatched at the end of the upgrade's first block, before which ${command} starts.`,
  why: 'The new runtime has yet to migrate the state that the call works on.',
  fix: 'Measure it with epochdiff run, or state the call before the code patch: the old runtime then dispatches it.',
})

export const lateCallDiffers = defineError<Place & { patch: string; block: number }>('E373', {
  title: 'A patch did something else after the first block than it was tried with',
  exitCode: 1,
  short: ({ at, patch, block }) =>
    `${at}: ${patch} changes something else at the end of block ${block} in the candidate than where it was tried.`,
  why: 'A policy in an epoch of that block, or the feed, changed what it reads or writes: the report would be wrong about it.',
  fix: 'Fork a block earlier or later, so that no epoch falls on the first block.',
})
