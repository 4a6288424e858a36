import { usageFailure } from '../errors/cli.js'

/** A check for yargs, which gathers an option that is given twice into a list. */
export function onceOnly(...options: readonly string[]): (args: Readonly<Record<string, unknown>>) => true {
  return (args) => {
    const repeated = options.find((option) => Array.isArray(args[option]))
    if (repeated !== undefined) throw usageFailure({ message: `--${repeated} is given more than once.` })
    return true
  }
}
