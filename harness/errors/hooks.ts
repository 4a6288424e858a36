import { defineError } from './epochdiffError.js'

export const hookFileUnreadable = defineError<{ file: string; reason: string }>('E340', {
  title: 'A hook file cannot be read',
  exitCode: 2,
  short: ({ file, reason }) => `The hook ${file} cannot be read: ${reason}.`,
  fix: 'Name a .ts, .js or .mjs file after `file:`, relative to the scenario.',
})

export const hooksNotAllowed = defineError<{ files: readonly string[] }>('E341', {
  title: 'The scenario runs code, which was not allowed',
  exitCode: 2,
  short: ({ files }) => `The scenario runs code of its own: ${files.join(', ')}.`,
  why: 'A hook runs on this machine. What it can reach is taken from it as far as Node allows, which is no boundary against malice.',
  fix: 'Read the file; if you trust it, run again with --allow-hooks.',
})

export const hookSyntax = defineError<{ at: string; problem: string }>('E342', {
  title: 'A hook file does not compile',
  exitCode: 2,
  short: ({ at, problem }) => `${at}: ${problem}`,
  fix: 'Correct the line. Types are taken away, not checked: `tsc --noEmit` checks them.',
})

export const hookNotPolicy = defineError<{ at: string; problem: string }>('E343', {
  title: 'A hook file defines no policy',
  exitCode: 2,
  short: ({ at, problem }) => `${at}: ${problem}.`,
  fix: "A hook file calls definePolicy({ name, stakeWeights(ctx, weights) {...}, rolePools(ctx, pools) {...}, epochRewards(ctx, rewards) {...} }) of 'epochdiff' once; see docs/hooks.md.",
})

export const hookThrew = defineError<{ at: string; during: string; message: string }>('E344', {
  title: 'A hook failed',
  exitCode: 1,
  short: ({ at, during, message }) => `${at}: the hook failed ${during}: ${message}.`,
  fix: 'Correct the hook: it has to give a result for every state it meets.',
})

export const hookForbidden = defineError<{ at: string; what: string }>('E345', {
  title: 'A hook used what it may not',
  exitCode: 2,
  short: ({ at, what }) => `${at}: the hook used ${what}.`,
  why: 'A hook has to give the same result in every run, so it has no clock, chance, files, network, process, timers, other modules or memory outside its limit.',
  fix: 'Work with what the hook is given: ctx.block, ctx.params, ctx.uids and ctx.storage; see docs/hooks.md.',
})

export const hookOverTime = defineError<{ file: string; during: string; limitMs: number }>('E346', {
  title: 'A hook took too long',
  exitCode: 1,
  short: ({ file, during, limitMs }) => `The hook ${file} was ended ${during}: it took over ${limitMs} ms.`,
  why: 'A hook that loops without end must not take the machine with it.',
  fix: 'Make it faster: a hook is called a few times an epoch and subnet.',
})

export const hookOverMemory = defineError<{ files: readonly string[]; limitMiB: number }>('E347', {
  title: 'A hook took too much memory',
  exitCode: 1,
  short: ({ files, limitMiB }) =>
    `The arm with the hook ${files.join(', ')} was ended: it took more than ${limitMiB} MiB beside the chain's state.`,
  why: 'A hook that gathers memory without end must not take the machine with it.',
  fix: 'Keep less: a hook needs a few numbers a uid.',
})

export const hookResult = defineError<{ at: string; during: string; problem: string }>('E348', {
  title: 'A hook gave a result that cannot be used',
  exitCode: 1,
  short: ({ at, during, problem }) => `${at}: what the hook returned ${during} cannot be used: ${problem}.`,
  fix: 'Return one value for each uid, as bigint: weights of 0 to 2^127 - 1, amounts of 0 to 2^64 - 1 rao.',
})

export const hookUnbalanced = defineError<{
  at: string
  during: string
  pool: string
  givenRao: bigint
  returnedRao: bigint
}>('E349', {
  title: 'A hook does not conserve what is paid',
  exitCode: 1,
  short: ({ at, during, pool, givenRao, returnedRao }) =>
    `${at}: the hook was given ${givenRao} rao for the ${pool} and returned ${returnedRao} ${during}.`,
  why: 'A policy divides what the chain pays; rao that it adds or drops would be minted or lost.',
  fix: 'Divide the same sum: round down, then give what is left to the largest remainders.',
})

export const hookEngine = defineError<{ files: readonly string[] }>('E350', {
  title: 'The engine cannot run hooks',
  exitCode: 2,
  short: ({ files }) => `The engine chopsticks cannot run the hook ${files.join(', ')}.`,
  why: 'A hook is called from inside the runtime, which only the native engine can.',
  fix: 'Run with --engine native; a policy that is woven in (epochdiff policies) runs in both.',
})

export const hooksNotServed = defineError<{ files: readonly string[] }>('E351', {
  title: 'An arm with hooks cannot be served',
  exitCode: 2,
  short: ({ files }) => `A candidate with the hook ${files.join(', ')} cannot be served.`,
  why: 'What is served builds its blocks in Chopsticks, where nothing can be called from inside the runtime.',
  fix: 'Serve --arm baseline, or a scenario whose policies are woven in (epochdiff policies).',
})
