import { defineError } from './epochdiffError.js'

export const ledgersNotComparable = defineError<{ difference: string }>('E601', {
  title: 'The arms cannot be compared',
  exitCode: 1,
  short: ({ difference }) => `The two ledgers do not cover the same epochs and subnets: ${difference}.`,
  why: 'A difference is only meaningful between two arms that ran the same epochs of the same subnets.',
  fix: 'Run both arms over the same feed. If a proposal moves or stops epochs on purpose, shorten the run to the epochs both have (--epochs).',
})

export const metricUnknown = defineError<{ metric: string; known: readonly string[] }>('E602', {
  title: 'An expectation names an unknown metric',
  exitCode: 2,
  short: ({ metric }) => `There is no metric "${metric}" in this run.`,
  fix: ({ known }) => `Use one of: ${known.join(', ')}.`,
})
