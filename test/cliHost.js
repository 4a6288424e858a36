// Serves the compiled command line to the tests of one file: in one process, one command after the other, as starting a process for
// each costs more than most commands do.
import { Buffer } from 'node:buffer'
import { runCommandLine } from '../dist/cli/commandLine.js'

const streams = ['stdout', 'stderr']

/** What the command printed, while it runs. */
async function captured(run) {
  const pieces = { stdout: [], stderr: [] }
  const writes = streams.map((name) => process[name].write)
  for (const name of streams)
    process[name].write = (chunk, encoding, done) => {
      pieces[name].push(Buffer.from(chunk, typeof encoding === 'string' ? encoding : undefined))
      ;(typeof encoding === 'function' ? encoding : done)?.()
      return true
    }
  try {
    await run()
  } finally {
    for (const [index, name] of streams.entries()) process[name].write = writes[index]
  }
  return { stdout: Buffer.concat(pieces.stdout).toString(), stderr: Buffer.concat(pieces.stderr).toString() }
}

// The tests are over, or were ended.
process.on('disconnect', () => process.exit())

const ownEnvironment = { ...process.env }

process.on('message', async ({ args, env }) => {
  process.env = { ...ownEnvironment, ...env }
  process.exitCode = 0
  const printed = await captured(() => runCommandLine(args))
  process.send({ exitCode: process.exitCode, ...printed })
})
