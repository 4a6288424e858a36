import { allowHooks } from './allowHooks.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { packageVersion } from './packageVersion.js'
import { openProgress } from './progress.js'

/** `epochdiff verify`: repeats the run of a bundle and says equal, or where it differs. */
export function addVerify(cli: Cli): Cli {
  return cli.command(
    'verify <bundle>',
    'repeat the run of a bundle, without network, and say whether it is equal',
    (yargs) =>
      yargs
        .positional('bundle', { type: 'string', demandOption: true, describe: 'a folder that `run --out` made' })
        .option('online', { type: 'boolean', default: false, describe: 'let a fork be read from its node again' })
        .option('allow-hooks', allowHooks)
        .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
        .example('$0 verify result', 'exit code 0: equal; 1: it differs, and where'),
    async ({ bundle, online, allowHooks, json }) => {
      const progress = await openProgress()
      try {
        await withInterrupt(async (signal) => {
          const { verifyBundle } = await import('../scenario/verifyBundle.js')
          const verification = await verifyBundle(bundle, {
            toolVersion: packageVersion(),
            progress,
            signal,
            online,
            allowHooks,
          })
          signal.throwIfAborted()
          progress.close()
          const { renderVerification } = await import('../report/verification.js')
          process.stdout.write(json ? `${JSON.stringify(verification, null, 2)}\n` : renderVerification(verification))
          if (!verification.equal) process.exitCode = 1
        })
      } finally {
        progress.close()
      }
    },
  )
}
