import { trustText } from '../fork/chainFork.js'
import type { RunResult } from './runResult.js'

/** The command line that repeats a run, in the folder of its scenario, quoted for a POSIX shell. */
export function rerunCommand({ scenario, fork, engine, crossCheckedEpochs, patches }: RunResult): string {
  return [
    'epochdiff run',
    shellWord(scenario.file),
    ...scenario.overrides.map((override) => `--set ${shellWord(override)}`),
    ...forkOptions(fork),
    `--engine ${engine}`,
    ...(patches.some(({ kind }) => kind === 'hook') ? ['--allow-hooks'] : []),
    ...(crossCheckedEpochs === 0 ? [] : [`--cross-check ${crossCheckedEpochs}`]),
  ].join(' ')
}

/** Of a chain's state: where it comes from and which block's it is, the same whether nodes or a snapshot of them were read. What was
 *  proven may come from any node. */
function forkOptions({ source, trust, block }: RunResult['fork']): string[] {
  if (source.kind !== 'chain') return []
  const endpoints = trust?.startsWith(TRUSTED) === true ? trust.slice(TRUSTED.length).split(', ') : ['NODE']
  const options = endpoints.map((endpoint) => `--rpc ${bounded(endpoint, 'NODE')}`)
  return [
    ...options,
    `--block ${bounded(block.hash, 'HASH')}`,
    ...(trust === trustText({ kind: 'proven' }) ? ['--verify'] : []),
  ]
}

const TRUSTED = trustText({ kind: 'trusted', endpoints: [] })

/** How to do so without nodes; `undefined` for a run that needs none. */
export function offlineHint({ fork: { source } }: RunResult): string | undefined {
  return source.kind === 'chain'
    ? 'Offline: with --snapshot FILE instead of --rpc, --block and --verify; or epochdiff verify, on its bundle'
    : undefined
}

/** What a result made elsewhere says may be of any length: no address and no hash is as long as that. */
function bounded(text: string, instead: string): string {
  return text.length > 500 ? instead : shellWord(text)
}

/** Quoted where a shell would otherwise read more than a word. */
function shellWord(text: string): string {
  return /^[\w.,:=/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
