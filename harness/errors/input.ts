import { defineError } from './epochdiffError.js'

export const inputMissing = defineError<{ file: string; reason: string }>('E101', {
  title: 'A scenario or fork file cannot be read',
  exitCode: 2,
  short: ({ file, reason }) => `${file} cannot be read: ${reason}.`,
  fix: 'Give the path of a scenario file, such as scenarios/sn31-stake-cap-88.yaml; its `fork:` is relative to that file.',
})

export const yamlInvalid = defineError<{ at: string; reason: string }>('E102', {
  title: 'A file is not the YAML it should be',
  exitCode: 2,
  short: ({ at, reason }) => `${at}: ${reason}.`,
  why: 'A scenario is one plain YAML 1.2 document: no anchors, aliases, custom tags or repeated keys.',
  fix: 'Correct the line; an editor with a YAML language server shows such faults as you type.',
})

export const scenarioInvalid = defineError<{ at: string; path: string; problem: string; fix: string; more: number }>(
  'E103',
  {
    title: 'A scenario or fork file says something that is not understood',
    exitCode: 2,
    short: ({ at, path, problem, more }) =>
      `${at}: ${path === '' ? '' : `${path}: `}${problem}${more === 0 ? '' : ` (and ${more} more)`}.`,
    fix: ({ fix }) => fix,
  },
)

export const overrideInvalid = defineError<{ override: string; problem: string; fix: string }>('E104', {
  title: 'An override cannot be applied',
  exitCode: 2,
  short: ({ override, problem }) => `--set ${override}: ${problem}.`,
  fix: ({ fix }) => fix,
})
