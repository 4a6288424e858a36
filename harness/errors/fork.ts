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
  fix: 'Use the runtime that the fork was made for (the built-in fork: the reference runtime).',
})

export const storageUndecodable = defineError<{ pallet: string; item: string; reason: string }>('E203', {
  title: 'A storage entry does not match the metadata',
  exitCode: 3,
  short: ({ pallet, item, reason }) =>
    `An entry of ${pallet}.${item} does not have the type its metadata states: ${reason}.`,
  why: 'The state was written by another runtime version than the one that reads it.',
  fix: 'Use the runtime that the fork was made for.',
})
