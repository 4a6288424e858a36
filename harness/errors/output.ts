import { defineError } from './epochdiffError.js'

export const outputNotWritable = defineError<{ folder: string; reason: string }>('E702', {
  title: 'The output folder cannot be written',
  exitCode: 3,
  short: ({ folder, reason }) => `Nothing can be written to ${folder}: ${reason}.`,
  fix: 'Choose another folder with --out, or free space and permissions there.',
})

export const resultUnreadable = defineError<{ reason: string }>('E703', {
  title: 'A result cannot be read',
  exitCode: 2,
  short: ({ reason }) => `This is not a result of epochdiff: ${reason}.`,
  why: 'It was made by another version, edited, or cut off.',
  fix: 'Run the scenario again with this version to get a result it understands.',
})
