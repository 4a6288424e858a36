import { defineError } from './epochdiffError.js'

export const runtimeTrapped = defineError<{ arm: string; fn: string; reason: string; lastLogs: readonly string[] }>(
  'E401',
  {
    title: 'The runtime stopped',
    exitCode: 3,
    short: ({ arm, fn, reason, lastLogs }) =>
      [
        `The runtime of arm "${arm}" stopped in ${fn}: ${reason}.`,
        ...lastLogs.map((line) => `  it logged: ${line}`),
      ].join('\n'),
    why: 'The runtime panicked or trapped: usually the state lacks something that the function needs, or the blob is not made for this state.',
    fix: 'Check that the fork and the runtime belong together; a candidate blob should first run the no-op scenario.',
  },
)

export const callOverLimit = defineError<{ arm: string; fn: string; limit: string; option: string }>('E402', {
  title: 'A runtime call exceeded its limit',
  exitCode: 3,
  short: ({ arm, fn, limit }) => `${fn} on arm "${arm}" was ended: it took ${limit}.`,
  why: 'A runtime that loops or allocates without end must not take the machine with it.',
  fix: ({ option }) => `If the call is legitimate, raise the engine's ${option}.`,
})

export const runtimeUnusable = defineError<{ arm: string; reason: string }>('E403', {
  title: 'The blob is not a runtime',
  exitCode: 2,
  short: ({ arm, reason }) => `The runtime of arm "${arm}" cannot be used: ${reason}.`,
  why: 'A runtime is one WebAssembly module that imports its host functions from "env".',
  fix: 'Pass an uncompressed or zstd-compressed Substrate runtime (.wasm).',
})

export const functionMissing = defineError<{ arm: string; fn: string }>('E404', {
  title: 'The runtime has no such function',
  exitCode: 3,
  short: ({ arm, fn }) => `The runtime of arm "${arm}" has no function ${fn}.`,
  fix: 'Use a runtime that implements this runtime API.',
})
