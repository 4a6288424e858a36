import type { Cli } from './command.js'

/** `epochdiff doctor`: what this machine can run, and what it lacks. */
export function addDoctor(cli: Cli): Cli {
  return cli.command(
    'doctor',
    'tell what this machine can run',
    (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'print JSON' }),
    async ({ json }) => {
      const { examineMachine, renderFindings } = await import('./examineMachine.js')
      const findings = await examineMachine()
      process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : renderFindings(findings))
      if (findings.some(({ level }) => level === 'missing')) process.exitCode = 3
    },
  )
}
