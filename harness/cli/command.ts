import type { Argv } from 'yargs'

/** Options every command takes. */
interface GlobalOptions {
  debug: boolean
}

/** The command line that commands are added to. A command's handler imports what it needs when it runs: `--help` stays instant. */
export type Cli = Argv<GlobalOptions>
