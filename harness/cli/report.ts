import { reportFormats } from '../report/reportFormats.js'
import type { Cli } from './command.js'
import { onceOnly } from './onceOnly.js'
import { printReport } from './printReport.js'

/** `epochdiff report`: a result in another form, without running anything. */
export function addReport(cli: Cli): Cli {
  return cli.command(
    'report <result>',
    'render a result again: from a bundle or a result.json',
    (yargs) =>
      yargs
        .positional('result', { type: 'string', demandOption: true, describe: 'folder of a bundle, or a result.json' })
        .option('format', { alias: 'f', choices: reportFormats, default: 'terminal' as const, describe: 'the form' })
        .option('output', {
          alias: 'o',
          type: 'string',
          requiresArg: true,
          describe: 'file to write instead of standard output',
        })
        .check(onceOnly('format', 'output'))
        .example('$0 report result --format markdown', 'the comment of a pull request')
        .example('$0 report result --format csv -o ledger.csv', 'one row an account, epoch, arm and role'),
    async ({ result: path, format, output }) => {
      const { readResult } = await import('../report/readResult.js')
      const result = await readResult(path)
      if (output === undefined) {
        await printReport(result, format)
      } else {
        const { renderReport } = await import('../report/renderReport.js')
        const { writeReport } = await import('../report/writeReport.js')
        await writeReport(output, await renderReport(result, format, { colour: false, width: 100 }))
      }
    },
  )
}
