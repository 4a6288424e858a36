import { defineError } from './epochdiffError.js'

export const chainSpecUnreadable = defineError<{ file: string; reason: string }>('E520', {
  title: 'A chain spec cannot be read',
  exitCode: 2,
  short: ({ file, reason }) => `Chain spec ${file} cannot be read: ${reason}.`,
  fix: 'Check `chainSpec:` in the fork file; its path is relative to that file.',
})

export const chainSpecInvalid = defineError<{ file: string; where: string; reason: string }>('E521', {
  title: 'A chain spec or a storage file does not hold what it should',
  exitCode: 2,
  short: ({ file, where, reason }) => `${file}${where === '' ? '' : `: ${where}`}: ${reason}.`,
  why: 'A raw spec has genesis.raw.top; a plain one genesis.runtimeGenesis with the code and a patch, config or preset for its GenesisBuilder.',
  fix: 'Export the spec again (build-spec --raw, or a spec of a node that has GenesisBuilder).',
})

export const genesisNotBuilt = defineError<{ file: string; call: string; reason: string }>('E522', {
  title: 'The runtime does not build the genesis state',
  exitCode: 2,
  short: ({ file, call, reason }) => `The runtime of ${file} does not build its genesis: ${call}: ${reason}.`,
  why: 'A plain spec only holds a configuration: the state is what its own runtime makes of it (GenesisBuilder).',
  fix: 'Correct the configuration the runtime complains of, or use the raw spec.',
})

export const specAltered = defineError<{ file: string; expected: string; found: string }>('E523', {
  title: 'A chain spec is not the one the fork file states',
  exitCode: 2,
  short: ({ file, expected, found }) => `${file} has sha256 ${found}, not ${expected}.`,
  fix: 'Restore the file; if you replaced it on purpose, state its sum as `sha256:` in the fork file.',
})
