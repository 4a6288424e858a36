import { defineError } from './epochdiffError.js'

interface Place {
  /** file:line:column, or the option that said it. */
  readonly at: string
}

export const storageItemUnknown = defineError<
  Place & { path: string; meant: string | undefined; known: readonly string[] }
>('E360', {
  title: 'A storage patch names an unknown item',
  exitCode: 2,
  short: ({ at, path }) => `${at}: this runtime has no storage item ${path}.`,
  why: "Entries are written by the runtime's own metadata.",
  fix: ({ meant, known }) => (meant === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${meant}"?`),
})

export const storageKeysInvalid = defineError<Place & { path: string; reason: string }>('E361', {
  title: 'The keys of a storage patch do not fit the item',
  exitCode: 2,
  short: ({ at, path, reason }) => `${at}: ${path}: ${reason}.`,
  fix: 'Give as many keys as the item has, each of its type: a number, an account (SS58 or 32 bytes in hexadecimal), or JSON.',
})

export const storageValueInvalid = defineError<Place & { path: string; reason: string }>('E362', {
  title: 'The value of a storage patch does not fit the item',
  exitCode: 2,
  short: ({ at, path, reason }) => `${at}: ${path}: ${reason}.`,
  fix: "Give the value as JSON of the item's type: integers in its range (above 2^53 in quotes), accounts as SS58, bytes in hexadecimal, fixed-point numbers as their bits; null removes the entry.",
})
