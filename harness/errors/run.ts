import { defineError } from './epochdiffError.js'

export const weaveNotNeutral = defineError<{ differences: number; firstKey: string; block: number }>('E603', {
  title: 'Weaving alone changes the runtime',
  exitCode: 1,
  short: ({ differences, firstKey, block }) =>
    `With neutral parameters the woven runtime leaves other storage than the unwoven one at block ${block}: ${differences} keys differ, first ${firstKey}.`,
  why: 'The effect of weaving cannot be told from the effect of the proposal, so no number of this run could be believed.',
  fix: 'Report it with the runtime; a policy at another hook (epochdiff policies) may work.',
})

export const runtimeFileUnreadable = defineError<{ file: string; reason: string }>('E105', {
  title: 'A runtime file cannot be read',
  exitCode: 2,
  short: ({ file, reason }) => `${file} cannot be read: ${reason}.`,
  fix: 'Name a runtime blob (.wasm, compressed or not) after `runtime:`, relative to the scenario, or leave it at `reference`.',
})

export const runtimeNotOnChain = defineError('E524', {
  title: 'The fork has no runtime',
  exitCode: 2,
  short: () => 'The state has no :code, so there is no on-chain runtime.',
  why: 'The storage file removes it from the state.',
  fix: 'Leave :code in place, or name a runtime blob as `runtime:`.',
})
