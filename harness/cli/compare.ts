import type { Cli } from './command.js'

/** `epochdiff compare`: what differs between two results. */
export function addCompare(cli: Cli): Cli {
  return cli.command(
    'compare <first> <second>',
    'compare two results: two versions of a proposal, or one at two blocks',
    (yargs) =>
      yargs
        .positional('first', { type: 'string', demandOption: true, describe: 'folder of a bundle, or a result.json' })
        .positional('second', { type: 'string', demandOption: true, describe: 'the other' })
        .option('json', { type: 'boolean', default: false, describe: 'print JSON, all accounts included' })
        .option('exit-code', { type: 'boolean', default: false, describe: 'exit with 1 when they differ' })
        .example('$0 compare cap-88 cap-95', 'who gains and loses otherwise under the other cap'),
    async ({ first: firstPath, second: secondPath, json, exitCode }) => {
      const { readResult } = await import('../report/readResult.js')
      const { compareResults } = await import('../report/compareResults.js')
      const { renderComparison } = await import('../report/comparison.js')
      const results = { first: await readResult(firstPath), second: await readResult(secondPath) }
      const comparison = compareResults(results.first, results.second)
      const width = process.stdout.isTTY ? process.stdout.columns : 100
      process.stdout.write(
        json ? `${JSON.stringify(comparison, null, 2)}\n` : renderComparison(comparison, results, width),
      )
      if (exitCode && !comparison.equal) process.exitCode = 1
    },
  )
}
