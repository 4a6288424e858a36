import yargs from 'yargs'
import { usageFailure } from '../errors/cli.js'
import { addCache } from './cache.js'
import { addCheck } from './check.js'
import { addCompare } from './compare.js'
import { addDoctor } from './doctor.js'
import { packageVersion } from './packageVersion.js'
import { addPolicies } from './policies.js'
import { addRehearse } from './rehearse.js'
import { addReport } from './report.js'
import { reportFailure } from './reportFailure.js'
import { addRun } from './run.js'
import { addRuntime } from './runtime.js'
import { addServe } from './serve.js'
import { addSnapshot } from './snapshot.js'
import { addVerify } from './verify.js'

/** Runs a command line, the program's name left out. Whatever fails is told on standard error and in the process's exit code. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const debug = args.includes('--debug')
  try {
    const cli = yargs(args)
      .scriptName('epochdiff')
      .usage('$0 <command>\n\nWho gains and who loses if this Bittensor proposal passes?')
      .option('debug', { type: 'boolean', default: false, describe: 'show the stack trace of an error', global: true })
    await addDoctor(
      addRuntime(
        addPolicies(
          addCheck(addCompare(addVerify(addReport(addCache(addSnapshot(addServe(addRehearse(addRun(cli))))))))),
        ),
      ),
    )
      .completion('completion', 'print a completion script for bash or zsh')
      .demandCommand(1, 'Name a command.')
      .example('$0 run scenarios/sn31-stake-cap-88.yaml', 'the stake cap on subnet 31, 100 epochs')
      .example('$0 run proposal.yaml --set stake-cap.percentile=95 --epochs 10', 'another cap, ten epochs')
      .example('$0 run proposal.yaml --json --out result', 'result.json on standard output and in ./result')
      .example('$0 policies', 'every policy with its formula, parameters and bounds')
      .strict()
      .version(packageVersion())
      .help()
      .alias('help', 'h')
      .wrap(process.stdout.isTTY ? Math.min(120, process.stdout.columns) : 100)
      .exitProcess(false)
      .fail((message: string | undefined, error: Error | undefined) => {
        // What yargs itself refuses has a message, or is a YError; anything else comes from a command's handler.
        if (error !== undefined && error.name !== 'YError') throw error
        throw usageFailure({ message: message ?? error?.message ?? 'The command line does not parse.' })
      })
      .parseAsync()
  } catch (error) {
    reportFailure(error, { debug })
  }
}
