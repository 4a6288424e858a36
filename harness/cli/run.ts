import { usageFailure } from '../errors/cli.js'
import { reportFormats } from '../report/reportFormats.js'
import type { RunResult } from '../report/runResult.js'
import type { LoadedScenario } from '../scenario/scenario.js'
import type { BundleContents } from '../report/writeBundle.js'
import { allowHooks } from './allowHooks.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { packageVersion } from './packageVersion.js'
import { nodeOptions } from './nodeOptions.js'
import { onceOnly } from './onceOnly.js'
import { printReport } from './printReport.js'
import { openProgress } from './progress.js'

/** `epochdiff run`: both arms through the epochs of a scenario, and what the proposal changes. */
export function addRun(cli: Cli): Cli {
  return cli.command(
    'run <scenario>',
    'run a scenario: baseline and candidate side by side',
    (yargs) =>
      yargs
        .positional('scenario', { type: 'string', demandOption: true, describe: 'a scenario file (YAML)' })
        .option('epochs', { type: 'string', requiresArg: true, describe: 'run only the first N epochs' })
        .option('engine', {
          choices: ['native', 'chopsticks'] as const,
          default: 'native' as const,
          describe: 'what executes the runtime',
        })
        .options(nodeOptions)
        .option('snapshot', { type: 'string', requiresArg: true, describe: 'fork a chain from a snapshot file' })
        .option('cross-check', {
          type: 'string',
          requiresArg: true,
          describe: 'repeat the first N epochs on the other engine and compare the storage',
        })
        .option('out', {
          type: 'string',
          requiresArg: true,
          describe: 'folder for the bundle: result, reports, inputs, hashes',
        })
        .option('hold-state', {
          type: 'boolean',
          default: true,
          describe: 'keep the state that was read from nodes in the bundle; --no-hold-state does not',
        })
        .option('format', { choices: reportFormats, describe: 'what to print; terminal if left out' })
        .option('json', { type: 'boolean', default: false, describe: 'the same as --format json' })
        .option('set', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'override: policy.param=value, replay.epochs=N, or an entry or argument that a patch sets',
        })
        .option('runtime', {
          type: 'string',
          requiresArg: true,
          describe: 'the candidate runs this blob (.wasm), migrations included; the same as --set code.wasm=PATH',
        })
        .option('runtime-allow', {
          choices: ['same-version', 'lower-version', 'other-name'] as const,
          describe: 'take a blob for --runtime that is no upgrade',
        })
        .option('allow-hooks', allowHooks)
        .check(onceOnly('epochs', 'engine', 'cross-check', 'out', 'format', 'json', 'block', 'snapshot', 'cache'))
        .option('attribute', {
          type: 'boolean',
          default: false,
          describe: 'run each patch alone, too, and all but each: what each does, and what only all do',
        })
        .check(onceOnly('runtime', 'runtime-allow', 'attribute'))
        .check(onceOnly('verify', 'trusted-hash', 'hold-state'))
        .check(({ json, format }) => {
          if (!json || format === undefined || format === 'json') return true
          throw usageFailure({ message: `--json and --format ${format} exclude each other.` })
        })
        .example('$0 run scenarios/sn31-stake-cap-88.yaml --set stake-cap.percentile=95', 'another percentile')
        .example('$0 run scenarios/sn31-noop.yaml --runtime candidate.wasm', 'another runtime, with its migrations')
        .example('$0 run scenarios/sn31-noop.yaml --engine chopsticks --epochs 3', 'the cross-check engine'),
    async ({
      scenario: file,
      engine,
      crossCheck,
      out,
      format,
      json,
      rpc,
      block,
      snapshot,
      cache,
      verify,
      trustedHash,
      holdState,
      ...options
    }) => {
      const crossCheckEpochs = crossCheck === undefined ? 0 : positive('cross-check', crossCheck)
      const progress = await openProgress()
      try {
        await withInterrupt(async (signal) => {
          const { loadScenario } = await import('../scenario/loadScenario.js')
          const { prepareBundle } = await import('../report/writeBundle.js')
          const { overrideFork, parseTrustedHash } = await import('../scenario/overrideFork.js')
          const { cacheFolder } = await import('../fork/cache/cacheFolder.js')
          const written = await loadScenario(file, overridesOf(options))
          const scenario = overrideFork(written, { rpc, block, snapshot })
          const bundle = out === undefined ? undefined : await prepareBundle(out)
          const { runScenario } = await import('../scenario/runScenario.js')
          let result: RunResult
          let runtimes: BundleContents['runtimes'] | undefined
          let writeState: BundleContents['writeState']
          try {
            result = await runScenario(scenario, {
              engine,
              crossCheckEpochs,
              toolVersion: packageVersion(),
              progress,
              signal,
              cache: cache ? cacheFolder() : undefined,
              verify,
              trustedHash: parseTrustedHash(trustedHash),
              onRuntimes: (ran) => (runtimes = ran),
              onReplayed: async ({ chain, metadata }) => {
                if (!holdState || chain === undefined || !('rpc' in scenario.scenario.fork)) return
                const { writeSnapshot } = await import('../fork/snapshot/writeSnapshot.js')
                writeState = (file) => writeSnapshot(file, chain, metadata)
              },
              allowHooks: options.allowHooks,
            })
            signal.throwIfAborted()
            progress.close()
            if (runtimes !== undefined) {
              await bundle?.write({
                result,
                inputFiles: scenario.inputFiles,
                chosenFork: chosenFork(written, scenario),
                writeState,
                codeFile: scenario.codeFile,
                runtimes,
              })
            }
          } catch (error) {
            await bundle?.discard()
            throw error
          }
          await printReport(result, format ?? (json ? 'json' : 'terminal'))
          if (result.checks.some((check) => check.level === 'error')) process.exitCode = 1
        })
      } finally {
        progress.close()
      }
    },
  )
}

/** Options that stand for an override each, so that a report names them all alike. */
function overridesOf(options: {
  readonly set: readonly string[]
  readonly epochs: string | undefined
  readonly runtime: string | undefined
  readonly runtimeAllow: string | undefined
  readonly attribute: boolean
}): string[] {
  const { set, epochs, runtime, runtimeAllow, attribute } = options
  return [
    ...set,
    ...(epochs === undefined ? [] : [`replay.epochs=${epochs}`]),
    ...(runtime === undefined ? [] : [`code.wasm=${runtime}`]),
    ...(runtimeAllow === undefined ? [] : [`code.allow=${runtimeAllow}`]),
    ...(attribute ? ['run.attribution=true'] : []),
  ]
}

/** The fork of the command line, if it states one. */
function chosenFork(
  written: LoadedScenario,
  { scenario: { fork }, dataFile }: LoadedScenario,
): BundleContents['chosenFork'] {
  if (fork === written.scenario.fork || 'builtIn' in fork || 'chainSpec' in fork) return undefined
  return 'rpc' in fork ? fork : { snapshot: fork.snapshot, file: dataFile ?? '' }
}

function positive(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usageFailure({ message: `--${option} takes a whole number from 1, not "${text}".` })
}
