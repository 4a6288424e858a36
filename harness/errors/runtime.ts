import { defineError } from './epochdiffError.js'

export const policyUnknown = defineError<{ policy: string; known: readonly string[] }>('E121', {
  title: 'Unknown policy',
  exitCode: 2,
  short: ({ policy }) => `There is no policy "${policy}".`,
  fix: ({ known }) => `Use one of: ${known.join(', ')}. \`epochdiff policies\` describes them.`,
})

export const policyParamUnknown = defineError<{ policy: string; param: string; known: readonly string[] }>('E122', {
  title: 'Unknown parameter of a policy',
  exitCode: 2,
  short: ({ policy, param }) => `Policy "${policy}" has no parameter "${param}".`,
  fix: ({ known }) => `Use: ${known.join(', ')}.`,
})

export const policyParamInvalid = defineError<{ policy: string; param: string; value: string; allowed: string }>(
  'E123',
  {
    title: 'A policy parameter is out of bounds',
    exitCode: 2,
    short: ({ policy, param, value }) => `Parameter "${param}" of policy "${policy}" cannot be ${value}.`,
    fix: ({ param, allowed }) => `Set "${param}" to ${allowed}.`,
  },
)

export const policyParamsNotWhole = defineError<{ policy: string; params: readonly string[]; sum: number }>('E124', {
  title: 'Parts of a policy do not add up',
  exitCode: 2,
  short: ({ policy, params, sum }) => `${params.join(' and ')} of policy "${policy}" add up to ${sum}, not to 1.`,
  fix: ({ params }) => `Set ${params.join(' and ')} to parts that add up to 1, such as 0.6 and 0.4.`,
})

const otherWays =
  'Use a policy at another hook (`epochdiff runtime inspect` lists those that the runtime has), a runtime built with the proposal as a `code` patch, or `runtime: reference`.'

export const hookNotFound = defineError<{ hook: string; functions: readonly string[] }>('E301', {
  title: 'No place for a hook in this runtime',
  exitCode: 2,
  short: ({ hook, functions }) =>
    `This runtime has no place for hook "${hook}": no function ${functions.join(' or ')} of pallet_subtensor.`,
  why: 'The compiler put the function into its callers, or the runtime is of a version without it.',
  fix: otherWays,
})

export const wasmUnreadable = defineError<{ what: string; reason: string; offset: number }>('E302', {
  title: 'WebAssembly that cannot be read',
  exitCode: 2,
  short: ({ what, reason, offset }) => `${what} ${reason} (at byte ${offset}).`,
  why: 'It is damaged or cut off, or uses a WebAssembly feature that is not known here; nothing is guessed.',
  fix: 'Use an undamaged runtime, compiled for WebAssembly 1.0 with at most bulk memory and reference types.',
})

export const hookAmbiguous = defineError<{ hook: string; symbols: readonly string[] }>('E303', {
  title: 'Several places for a hook',
  exitCode: 2,
  short: ({ hook, symbols }) => `Hook "${hook}" could be at ${symbols.length} functions: ${symbols.join(', ')}.`,
  why: 'A policy at one of them would miss the calls of the others.',
  fix: otherWays,
})

export const hookSignature = defineError<{ hook: string; symbol: string; found: string; expected: string }>('E304', {
  title: 'The function at a hook has another signature',
  exitCode: 2,
  short: ({ hook, symbol, found, expected }) =>
    `The function of hook "${hook}" is ${found}, not ${expected}: ${symbol}.`,
  why: 'With another signature the result has another layout, and a policy would rewrite the wrong bytes.',
  fix: otherWays,
})

export const hookCallers = defineError<{ hook: string; symbol: string; found: string; expected: string }>('E305', {
  title: 'The function at a hook is called from unexpected places',
  exitCode: 2,
  short: ({ hook, symbol, found, expected }) =>
    `The function of hook "${hook}" should have ${expected}, and has ${found}: ${symbol}.`,
  why: 'Without the expected calls a policy would not act, or act more than once in an epoch.',
  fix: otherWays,
})

export const hookReferenced = defineError<{ hook: string; symbol: string }>('E306', {
  title: 'The function at a hook can be called indirectly',
  exitCode: 2,
  short: ({ hook, symbol }) => `The function of hook "${hook}" is in the function table: ${symbol}.`,
  why: 'Who calls it through the table cannot be told.',
  fix: otherWays,
})

export const alreadyWoven = defineError<{ what: string }>('E307', {
  title: 'The runtime has policies already',
  exitCode: 2,
  short: ({ what }) => `${what} has policies woven in already.`,
  why: 'Policies are woven in once, all together and in the order stated.',
  fix: 'Weave the original runtime with all policies.',
})

export const namesMissing = defineError<{ what: string; found: string }>('E308', {
  title: 'The runtime has no function names',
  exitCode: 2,
  short: ({ what, found }) => `${what} has ${found}.`,
  why: 'Hooks are found by the names of functions, which the "name" section keeps.',
  fix: 'Use a build that was not stripped.',
})

export const hostFunctionMissing = defineError<{ name: string; found: string; expected: string }>('E309', {
  title: 'The runtime does not import a host function that a policy needs',
  exitCode: 2,
  short: ({ name, found, expected }) => `The runtime should import ${name} ${expected}, and ${found}.`,
  why: 'Another import would renumber every function of the runtime, so policies use what it imports itself.',
  fix: otherWays,
})

export const memoryUnsuitable = defineError<{ what: string; found: string }>('E310', {
  title: 'The memory is not one that a policy can act in',
  exitCode: 2,
  short: ({ what, found }) => `${what} has ${found}.`,
  why: 'A policy needs the one ordinary memory (32 bit, not shared) that the runtime itself works in.',
  fix: otherWays,
})

export const stackPointerMissing = defineError<{ what: string; found: string }>('E311', {
  title: 'No stack pointer',
  exitCode: 2,
  short: ({ what, found }) => `The stack pointer of ${what} cannot be told: ${found}.`,
  why: 'A policy works on the stack of the runtime.',
  fix: otherWays,
})

export const patchModuleUnsuitable = defineError<{ reason: string }>('E312', {
  title: 'The patch module cannot be put into a runtime',
  exitCode: 3,
  short: ({ reason }) => `The patch module ${reason}.`,
  why: 'Its functions must work in any runtime: no data, no table, no state of their own.',
  fix: 'Build it as runtime-patches/build.sh does, or use the prebuilt one.',
})

export const wovenInvalid = defineError<{ reason: string }>('E313', {
  title: 'The woven runtime is not valid',
  exitCode: 3,
  short: ({ reason }) => `Weaving did not produce a valid runtime: ${reason}.`,
  why: 'This is a defect of epochdiff, or of the runtime given.',
  fix: 'Report it with the runtime and the policies. Nothing was run.',
})

export const prebuiltMissing = defineError<{ file: string }>('E314', {
  title: 'A prebuilt wasm is missing',
  exitCode: 3,
  short: ({ file }) => `runtime-patches/prebuilt has no ${file}, or its manifest.json does not list it.`,
  why: 'The installation is incomplete.',
  fix: 'Install epochdiff again, or build with runtime-patches/build.sh.',
})

export const prebuiltChanged = defineError<{ file: string; found: string; expected: string }>('E315', {
  title: 'A prebuilt wasm is not the one in the manifest',
  exitCode: 3,
  short: ({ file, found, expected }) => `${file} has sha256 ${found}, and manifest.json says ${expected}.`,
  why: 'The file or the manifest was changed alone, so it is not known what would run.',
  fix: 'Install epochdiff again, or build with runtime-patches/build.sh, which writes both.',
})

export const blobUnreadable = defineError<{ reason: string }>('E316', {
  title: 'A compressed runtime cannot be read',
  exitCode: 2,
  short: ({ reason }) => `The compressed runtime cannot be read: ${reason}.`,
  why: 'It is damaged, cut off, or larger than a node accepts.',
  fix: 'Use an undamaged runtime blob.',
})

export const exportMissing = defineError<{ name: string }>('E317', {
  title: 'The runtime does not export a function',
  exitCode: 2,
  short: ({ name }) => `The runtime does not export ${name}, which was to be wrapped.`,
  fix: 'Use a runtime that a node can run.',
})

export const versionNotRaised = defineError<{ reason: string }>('E318', {
  title: 'The spec version of a runtime cannot be raised',
  exitCode: 2,
  short: ({ reason }) => `The candidate's spec version cannot be raised: ${reason}.`,
  why: 'A node takes only a higher spec version for an upgrade, and reads it there.',
  fix: 'Build the runtime with a higher spec version and name it by a code patch (--runtime).',
})

export const openingNotFound = defineError<{ found: number }>('E319', {
  title: 'The function that opens a block is not found',
  exitCode: 2,
  short: ({ found }) => `The runtime has ${found} functions with the symbol frame_executive::..::initialize_block.`,
  why: 'A fault is put around the one function that opens a block.',
  fix: 'Rehearse the fault with a runtime whose function names were kept, such as the reference runtime.',
})

export const payoutNotFound = defineError<{ policy: string; hook: string; functions: readonly string[] }>('E320', {
  title: 'No place where rao can move between the pools',
  exitCode: 2,
  short: ({ policy, hook, functions }) =>
    `Policy "${policy}" also needs the function that pays what hook "${hook}" returns, called once: no ${functions.join(' or ')} is that.`,
  why: 'Changing what one pool is paid without taking it from the other would make or lose rao.',
  fix: otherWays,
})

export const poolsMovedTwice = defineError<{ policies: readonly [first: string, second: string] }>('E321', {
  title: 'Two policies say what miners and validators get',
  exitCode: 2,
  short: ({ policies: [first, second] }) =>
    first === second
      ? `Policy "${first}" is stated more than once.`
      : `Policies "${first}" and "${second}" are both stated.`,
  why: 'Each says what the parts of the whole are, so the second would contradict the first.',
  fix: 'State one of them, with the parts that are meant; an `aiarena` whose `pool` is `miner` or `validator` moves nothing between the pools.',
})

export const layoutNotAsExpected = defineError<{ hook: string; layout: string; netuid: number; found: string }>(
  'E322',
  {
    title: 'What a hook hands out is not laid out as expected',
    exitCode: 1,
    short: ({ hook, layout, netuid, found }) =>
      `At hook "${hook}" (layout "${layout}") the numbers of subnet ${netuid} do not fit its state: ${found}.`,
    why: 'The layout is the compiler’s own. Read with another one, a policy would rewrite the wrong bytes.',
    fix: otherWays,
  },
)

export const layoutNotProbed = defineError<{ hook: string; netuid: number }>('E323', {
  title: 'A hook was never reached',
  exitCode: 1,
  short: ({ hook, netuid }) => `In the trial epoch of subnet ${netuid} the runtime never came by hook "${hook}".`,
  why: 'A policy there would not act, and what the hook hands out could not be compared with the state.',
  fix: otherWays,
})

export const rewardsRefused = defineError('E331', {
  title: 'An epoch’s rewards are not one for each uid',
  exitCode: 1,
  short: () => 'A policy stopped the run: the epoch’s rewards are not one for each uid with the hotkeys of Keys.',
  why: 'The result is laid out otherwise than expected, or uids of the subnet have no hotkey.',
  fix: otherWays,
})

export const stakeWeightsRefused = defineError('E332', {
  title: 'Stake weights are not one for each uid',
  exitCode: 1,
  short: () => 'A policy stopped the run: the stake weights are not one for each uid.',
  why: 'The result is laid out otherwise than expected.',
  fix: otherWays,
})

export const poolTooSmall = defineError('E333', {
  title: 'A role split takes more from a pool than is in it',
  exitCode: 1,
  short: () => 'A policy stopped the run: the role split takes more from a pool than the epoch gives it.',
  why: 'Of the validators’ half a part goes to root stakers, and that part stays.',
  fix: 'Give validators a larger part.',
})

export const policyOutOfRange = defineError('E334', {
  title: 'A policy met numbers that it has no arithmetic for',
  exitCode: 1,
  short: () =>
    'A policy stopped the run: a subnet has more than 4096 uids, a pool is too large, or a stored value has an unexpected form.',
  why: 'The arithmetic is exact up to stated bounds; beyond them nothing is guessed.',
  fix: 'Leave the subnet out, or use another policy.',
})
