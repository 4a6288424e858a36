import { command } from './command.js'
import { withInterrupt } from './interrupt.js'
import { openProgress } from './progress.js'

interface Options {
  scenario: string
  epochs: number | undefined
  engine: 'native' | 'chopsticks'
  out: string | undefined
  json: boolean
  set: string[]
}

/** `epochdiff run`: both arms through the epochs of a scenario, and what the proposal changes. */
export const run = command<Options>({
  command: 'run <scenario>',
  describe: 'run a scenario: baseline and candidate side by side',
  builder: (yargs) =>
    yargs
      .positional('scenario', { type: 'string', demandOption: true, describe: 'a scenario file (YAML)' })
      .option('epochs', { type: 'number', describe: 'run only the first N epochs' })
      .option('engine', {
        choices: ['native', 'chopsticks'] as const,
        default: 'native' as const,
        describe: 'what executes the runtime',
      })
      .option('out', { type: 'string', describe: 'folder for result.json and report.txt' })
      .option('json', { type: 'boolean', default: false, describe: 'print result.json instead of the report' })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [],
        describe: 'override: policy.param=value or replay.epochs=N',
      })
      .example('$0 run scenarios/sn31-stake-cap-88.yaml --set stake-cap.percentile=95', 'another percentile')
      .example('$0 run scenarios/sn31-noop.yaml --engine chopsticks --epochs 3', 'the cross-check engine'),
  async handler(args) {
    const progress = await openProgress()
    try {
      await withInterrupt(async (signal) => {
        const { loadScenario } = await import('../scenario/loadScenario.js')
        const { prepareBundle } = await import('../report/writeBundle.js')
        const { runScenario } = await import('../scenario/runScenario.js')
        const { renderTerminal } = await import('../report/terminal.js')
        const { serialiseRunResult } = await import('../report/runResult.js')
        const overrides = args.epochs === undefined ? args.set : [...args.set, `replay.epochs=${args.epochs}`]
        const scenario = await loadScenario(args.scenario, overrides)
        const bundle = args.out === undefined ? undefined : await prepareBundle(args.out)
        const result = await runScenario(scenario, { engine: args.engine, progress, signal })
        progress.close()
        signal.throwIfAborted()
        await bundle?.write(result)
        const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
        const width = process.stdout.isTTY ? process.stdout.columns : 100
        process.stdout.write(args.json ? serialiseRunResult(result) : renderTerminal(result, { colour, width }))
        if (result.checks.some((check) => check.level === 'error')) process.exitCode = 1
      })
    } finally {
      progress.close()
    }
  },
})
