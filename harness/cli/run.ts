import { usageFailure } from '../errors/cli.js'
import type { RunResult } from '../report/runResult.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { packageVersion } from './packageVersion.js'
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
        .option('out', { type: 'string', requiresArg: true, describe: 'folder for result.json and report.txt' })
        .option('json', { type: 'boolean', default: false, describe: 'print result.json instead of the report' })
        .option('set', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'override: policy.param=value or replay.epochs=N',
        })
        .check(refuseRepeats)
        .example('$0 run scenarios/sn31-stake-cap-88.yaml --set stake-cap.percentile=95', 'another percentile')
        .example('$0 run scenarios/sn31-noop.yaml --engine chopsticks --epochs 3', 'the cross-check engine'),
    async ({ scenario: file, epochs, engine, out, json, set }) => {
      const progress = await openProgress()
      try {
        await withInterrupt(async (signal) => {
          const { loadScenario } = await import('../scenario/loadScenario.js')
          const { prepareBundle } = await import('../report/writeBundle.js')
          const scenario = await loadScenario(file, epochs === undefined ? set : [...set, `replay.epochs=${epochs}`])
          const bundle = out === undefined ? undefined : await prepareBundle(out)
          const { runScenario } = await import('../scenario/runScenario.js')
          let result: RunResult
          try {
            result = await runScenario(scenario, { engine, toolVersion: packageVersion(), progress, signal })
            signal.throwIfAborted()
            progress.close()
            await bundle?.write(result)
          } catch (error) {
            await bundle?.discard()
            throw error
          }
          const { renderTerminal } = await import('../report/terminal.js')
          const { serialiseRunResult } = await import('../report/runResult.js')
          const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
          const width = process.stdout.isTTY ? process.stdout.columns : 100
          process.stdout.write(json ? serialiseRunResult(result) : renderTerminal(result, { colour, width }))
          if (result.checks.some((check) => check.level === 'error')) process.exitCode = 1
        })
      } finally {
        progress.close()
      }
    },
  )
}

/** yargs gathers an option that is given twice into a list; only --set is one. */
function refuseRepeats(args: Readonly<Record<string, unknown>>): true {
  const repeated = ['epochs', 'engine', 'out', 'json'].find((option) => Array.isArray(args[option]))
  if (repeated !== undefined) throw usageFailure({ message: `--${repeated} is given more than once.` })
  return true
}
