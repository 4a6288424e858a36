import { defineError } from './epochdiffError.js'

export const nothingToCheck = defineError<{ config: string }>('E620', {
  title: 'There is nothing to check',
  exitCode: 2,
  short: ({ config }) => `No scenario is named, and there is no ${config} that lists some.`,
  fix: 'Name scenarios (epochdiff check scenarios/*.yaml), or list them in a file: docs/ci.md shows one.',
})

export const baselineUnreadable = defineError<{ file: string; reason: string }>('E621', {
  title: 'A kept result cannot be read',
  exitCode: 2,
  short: ({ file, reason }) => `${file} is no kept result: ${reason}.`,
  fix: 'Make it again with `epochdiff check --update`, and look at what changes.',
})

export const scenarioTwice = defineError<{ name: string }>('E622', {
  title: 'Two scenarios to check have the same name',
  exitCode: 2,
  short: ({ name }) => `Two of the scenarios are named ${name}.`,
  why: 'A result is kept under the name of its scenario.',
  fix: 'Name one of them otherwise.',
})

export const updateRefused = defineError<{ name: string; check: string }>('E623', {
  title: 'A run that fails its checks is not kept',
  exitCode: 1,
  short: ({ name, check }) => `The result of ${name} is not kept: its check "${check}" fails.`,
  why: 'Later runs would be compared with numbers that cannot be believed.',
  fix: 'Mend what the check says, then update. Nothing was changed.',
})
