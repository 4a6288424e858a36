import { command } from './command.js'

interface Options {
  json: boolean
}

/** `epochdiff policies`: every policy with its hook, formula, parameters and bounds. */
export const policies = command<Options>({
  command: 'policies',
  describe: 'list the policies: formula, parameters, bounds',
  builder: (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'print JSON' }),
  async handler({ json }) {
    const { policyDefinitions } = await import('../runtime/policies.js')
    if (json) {
      process.stdout.write(`${JSON.stringify(policyDefinitions, null, 2)}\n`)
      return
    }
    const { renderPolicies } = await import('../report/policies.js')
    process.stdout.write(renderPolicies(policyDefinitions))
  },
})
