import { defineError } from './epochdiffError.js'

export const usageFailure = defineError<{ message: string }>('E100', {
  title: 'The command line does not parse',
  exitCode: 2,
  short: ({ message }) => message.replaceAll('\n', ' '),
  fix: 'See epochdiff --help, or epochdiff <command> --help.',
})

export const cancelled = defineError<{ signal: string }>('E701', {
  title: 'Cancelled',
  exitCode: 3,
  short: ({ signal }) => `Cancelled by ${signal}.`,
  fix: 'Nothing was left half-written; run the command again.',
})
