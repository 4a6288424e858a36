import { defineError } from './epochdiffError.js'

export const resultFileUnreadable = defineError<{ path: string; reason: string }>('E720', {
  title: 'There is no result to read',
  exitCode: 2,
  short: ({ path, reason }) => `${path} cannot be read: ${reason}.`,
  fix: 'Give a folder that `epochdiff run --out` made, or its result.json.',
})

export const reportNotWritable = defineError<{ file: string; reason: string }>('E721', {
  title: 'A report cannot be written',
  exitCode: 3,
  short: ({ file, reason }) => `${file} cannot be written: ${reason}.`,
  fix: 'Name another file with --output, or free space and permissions there.',
})

export const bundleUnreadable = defineError<{ folder: string; reason: string }>('E722', {
  title: 'A folder is no bundle',
  exitCode: 2,
  short: ({ folder, reason }) => `${folder} is no bundle: ${reason}.`,
  why: 'A bundle has a bundle.json that lists every file with its sha256.',
  fix: 'Give a folder that `epochdiff run --out` made with this version.',
})

export const bundleInputMissing = defineError<{ file: string; sha256: string }>('E723', {
  title: 'A bundle needs a file that it does not hold',
  exitCode: 2,
  short: ({ file, sha256 }) => `${file} is not in the bundle; it has sha256 ${sha256}.`,
  why: 'Large inputs are referred to by their hash, not copied.',
  fix: 'Put the file there, then verify again.',
})

export const bundleReachesOut = defineError<{ file: string }>('E724', {
  title: 'A bundle names a file outside itself',
  exitCode: 2,
  short: ({ file }) => `The bundle's scenario names ${file}, which is outside the bundle.`,
  why: 'A bundle is repeated from what it holds; anything else would be read from this machine.',
  fix: 'Name files relative to the scenario, and make the bundle again.',
})

export const bundleNeedsNode = defineError<{ nodes: string }>('E725', {
  title: 'The fork of a bundle is read from a node',
  exitCode: 2,
  short: ({ nodes }) => `The bundle's fork is read from ${nodes}, and nothing may be read from there.`,
  why: 'A bundle is repeated without network unless that is allowed.',
  fix: 'Allow it with --online; or have a bundle made without --no-hold-state: it holds what was read of the nodes.',
})
