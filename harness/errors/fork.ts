import { defineError } from './epochdiffError.js'

export const metadataUnreadable = defineError<{ reason: string }>('E201', {
  title: 'Runtime metadata cannot be read',
  exitCode: 3,
  short: ({ reason }) => `The runtime's metadata cannot be read: ${reason}.`,
  why: 'Metadata of versions 14, 15 and 16 is understood.',
  fix: 'Use a runtime built on FRAME of 2022 or later, not a damaged or truncated blob.',
})

export const storageItemMissing = defineError<{ pallet: string; item: string }>('E202', {
  title: 'The runtime has no such storage item',
  exitCode: 3,
  short: ({ pallet, item }) => `This runtime has no storage item ${pallet}.${item}.`,
  why: 'The item belongs to another runtime version, or the runtime is not a subtensor runtime.',
  fix: 'Use the runtime that the fork was made for (the built-in forks: the reference runtime).',
})

export const storageUndecodable = defineError<{ pallet: string; item: string; reason: string }>('E203', {
  title: 'A storage entry does not match the metadata',
  exitCode: 3,
  short: ({ pallet, item, reason }) =>
    `An entry of ${pallet}.${item} does not have the type its metadata states: ${reason}.`,
  why: 'The state was written by another runtime version than the one that reads it.',
  fix: 'Use the runtime that the fork was made for.',
})

export const constantMissing = defineError<{ pallet: string; name: string }>('E204', {
  title: 'The runtime has no such constant',
  exitCode: 3,
  short: ({ pallet, name }) => `This runtime's metadata states no constant ${pallet}.${name}.`,
  why: 'The runtime is not a subtensor runtime, or its metadata is cut down.',
  fix: 'Use the runtime that the fork was made for (the built-in forks: the reference runtime).',
})

export const dataMissing = defineError<{ file: string; reason: string }>('E211', {
  title: 'A data file cannot be read',
  exitCode: 2,
  short: ({ file, reason }) => `Data file ${file} cannot be read: ${reason}.`,
  fix: 'Check `data:` in the fork file; its path is relative to that file.',
})

export const dataAltered = defineError<{ file: string; expected: string; found: string }>('E212', {
  title: 'A data file is not the one the fork file states',
  exitCode: 2,
  short: ({ file, expected, found }) => `Data file ${file} has sha256 ${found}, not ${expected}.`,
  why: 'The file is truncated or altered, or the fork file states the sum of another one.',
  fix: 'Restore the file; if you replaced it on purpose, state its sum as `sha256:` in the fork file.',
})

export const dataInvalid = defineError<{ file: string; reason: string }>('E213', {
  title: 'A data file does not hold what it should',
  exitCode: 2,
  short: ({ file, reason }) => `Data file ${file} is not a valid recording: ${reason}.`,
  fix: 'Restore the file as it was published with its README.',
})
