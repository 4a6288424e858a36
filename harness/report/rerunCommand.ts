import type { RunResult } from './runResult.js'

/** The command line that repeats a run, in the folder of its scenario, quoted for a POSIX shell. */
export function rerunCommand({ scenario, engine, crossCheckedEpochs, patches }: RunResult): string {
  return [
    'epochdiff run',
    shellWord(scenario.file),
    ...scenario.overrides.map((override) => `--set ${shellWord(override)}`),
    `--engine ${engine}`,
    ...(patches.some(({ kind }) => kind === 'hook') ? ['--allow-hooks'] : []),
    ...(crossCheckedEpochs === 0 ? [] : [`--cross-check ${crossCheckedEpochs}`]),
  ].join(' ')
}

/** Quoted where a shell would otherwise read more than a word. */
function shellWord(text: string): string {
  return /^[\w.,:=/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
