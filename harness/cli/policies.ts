import type { Cli } from './command.js'

/** `epochdiff policies`: every policy with its hook, formula, parameters and bounds. */
export function addPolicies(cli: Cli): Cli {
  return cli.command(
    'policies',
    'list the policies: formula, parameters, bounds',
    (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'print JSON' }),
    async ({ json }) => {
      const { policyDefinitions } = await import('../runtime/policies.js')
      const { renderPolicies } = await import('../report/policies.js')
      process.stdout.write(json ? `${JSON.stringify(policyDefinitions, null, 2)}\n` : renderPolicies(policyDefinitions))
    },
  )
}
