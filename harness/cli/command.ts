import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs'

/** Options every command takes. */
export interface GlobalOptions {
  debug: boolean
}

/** Declares one command; its handler imports what it needs when it runs, so that `--help` stays instant. */
export function command<Options>(definition: {
  command: string
  describe: string
  builder: (yargs: Argv<GlobalOptions>) => Argv<GlobalOptions & Options>
  handler: (args: ArgumentsCamelCase<GlobalOptions & Options>) => Promise<void>
}): CommandModule<GlobalOptions, GlobalOptions & Options> {
  return definition
}
