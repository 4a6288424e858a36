import * as bundle from './bundle.js'
import * as chain from './chain.js'
import * as chainSpec from './chainSpec.js'
import * as checks from './checks.js'
import * as cli from './cli.js'
import * as engine from './engine.js'
import type { ErrorDefinition } from './epochdiffError.js'
import * as fork from './fork.js'
import * as hooks from './hooks.js'
import * as input from './input.js'
import * as output from './output.js'
import * as patch from './patch.js'
import * as regression from './regression.js'
import * as rehearsal from './rehearsal.js'
import * as replay from './replay.js'
import * as run from './run.js'
import * as runtime from './runtime.js'
import * as serve from './serve.js'

type AnyDefinition = Pick<ErrorDefinition<never>, 'code' | 'text'>

const definitions: readonly AnyDefinition[] = [
  bundle,
  chain,
  chainSpec,
  checks,
  cli,
  engine,
  fork,
  hooks,
  input,
  output,
  patch,
  regression,
  rehearsal,
  replay,
  run,
  runtime,
  serve,
]
  .flatMap((module): AnyDefinition[] => Object.values(module))
  .toSorted((a, b) => (a.code < b.code ? -1 : 1))

/** docs/errors.md: every error a user can meet, by number. */
export function errorReference(): string {
  const sections = definitions.map(({ code, text }) => {
    const fix = typeof text.fix === 'string' ? text.fix : 'The message says what to do.'
    const why = text.why === undefined ? [] : [text.why, '']
    return [`## ${code}: ${text.title}`, '', ...why, `*Fix:* ${fix}`, '', `Exit code ${text.exitCode}.`].join('\n')
  })
  const head = '# Errors\n\nGenerated from `harness/errors` by `npm run generate`.\n'
  return `${[head, ...sections].join('\n\n').replace('\n\n\n', '\n\n')}\n`
}
