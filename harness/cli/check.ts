import { allowHooks } from './allowHooks.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { onceOnly } from './onceOnly.js'
import { packageVersion } from './packageVersion.js'
import { openProgress } from './progress.js'

/** `epochdiff check`: scenarios against the results kept in a repository. */
export function addCheck(cli: Cli): Cli {
  return cli.command(
    'check [scenarios..]',
    'run scenarios and compare them with the results kept in the repository',
    (yargs) =>
      yargs
        .positional('scenarios', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'scenario files; those of the config file if none is named',
        })
        .option('config', {
          type: 'string',
          requiresArg: true,
          describe: 'scenarios, tolerances; ci/check.yaml if left out',
        })
        .option('update', { type: 'boolean', default: false, describe: 'keep the results instead of comparing them' })
        .option('junit', { type: 'string', requiresArg: true, describe: 'file for a JUnit report' })
        .option('markdown', { type: 'string', requiresArg: true, describe: 'file for the comment of a pull request' })
        .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
        .option('engine', {
          choices: ['native', 'chopsticks'] as const,
          default: 'native' as const,
          describe: 'what executes the runtime',
        })
        .option('allow-hooks', allowHooks)
        .check(onceOnly('config', 'update', 'junit', 'markdown', 'json', 'engine'))
        .example('$0 check --junit junit.xml --markdown comment.md', 'on every pull request')
        .example('$0 check --update', 'keep what the scenarios give now'),
    async ({ scenarios, config, update, junit, markdown, json, engine, allowHooks }) => {
      const progress = await openProgress()
      try {
        await withInterrupt(async (signal) => {
          const { loadCheckPlan } = await import('../scenario/checkConfig.js')
          const plan = await loadCheckPlan(scenarios, config)
          const { checkScenarios } = await import('../scenario/checkScenarios.js')
          const options = { engine, update, toolVersion: packageVersion(), progress, signal, allowHooks }
          const checked = await checkScenarios(plan, options)
          signal.throwIfAborted()
          progress.close()
          const { renderChecked, renderCheckedJunit, renderCheckedMarkdown } = await import('../report/checkReport.js')
          const { writeReport } = await import('../report/writeReport.js')
          if (junit !== undefined) await writeReport(junit, [renderCheckedJunit(checked)])
          if (markdown !== undefined) await writeReport(markdown, [renderCheckedMarkdown(checked)])
          process.stdout.write(json ? `${JSON.stringify(checked, null, 2)}\n` : renderChecked(checked))
          if (checked.some(({ checks }) => checks.some(({ level }) => level === 'error'))) process.exitCode = 1
        })
      } finally {
        progress.close()
      }
    },
  )
}
