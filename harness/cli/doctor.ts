import { command } from './command.js'

interface Options {
  json: boolean
}

/** `epochdiff doctor`: what this machine can run, and what it lacks. */
export const doctor = command<Options>({
  command: 'doctor',
  describe: 'tell what this machine can run',
  builder: (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'print JSON' }),
  async handler({ json }) {
    const { examineMachine } = await import('./examineMachine.js')
    const findings = await examineMachine()
    if (json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`)
    else {
      for (const { level, subject, seen, fix } of findings) {
        process.stdout.write(`${level.padEnd(7)} ${subject.padEnd(18)} ${seen}\n`)
        if (fix !== undefined) process.stdout.write(`${' '.repeat(27)}${fix}\n`)
      }
    }
    if (findings.some(({ level }) => level === 'missing')) process.exitCode = 3
  },
})
