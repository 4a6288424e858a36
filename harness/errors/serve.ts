import { defineError } from './epochdiffError.js'

export const portUnavailable = defineError<{ port: number; reason: string }>('E528', {
  title: 'The port to serve on cannot be opened',
  exitCode: 3,
  short: ({ port, reason }) => `Port ${port} of 127.0.0.1 cannot be opened: ${reason}.`,
  fix: 'Choose another with --port; 0 takes a free one.',
})
