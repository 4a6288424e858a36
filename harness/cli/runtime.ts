import { usageFailure } from '../errors/cli.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { onceOnly } from './onceOnly.js'

/** `epochdiff runtime`: look into a runtime, and put policies into one. */
export function addRuntime(cli: Cli): Cli {
  return cli.command('runtime <command>', 'look into a runtime, or weave policies into it', (yargs) =>
    addWeave(addInspect(yargs)).demandCommand(1, 'Name a command: inspect or weave.'),
  )
}

function addInspect(cli: Cli): Cli {
  return cli.command(
    'inspect <source>',
    'version, host functions and hooks of a runtime, and what a weave would do',
    (yargs) =>
      yargs
        .positional('source', {
          type: 'string',
          demandOption: true,
          describe:
            'a blob (.wasm, compressed or not, or hexadecimal), a chain spec (.json), or a node (ws, http) or preset: finney, archive, test',
        })
        .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
        .check(onceOnly('json'))
        .example('$0 runtime inspect runtime.compact.compressed.wasm', 'which policies it takes')
        .example('$0 runtime inspect finney', 'the same of the runtime that a chain runs now'),
    async ({ source, json }) => {
      const { readCode } = await import('../scenario/readCode.js')
      const { hostFunctionNames } = await import('../engine/native/executor.js')
      const { inspectRuntime } = await import('../runtime/inspectRuntime.js')
      const { renderInspection } = await import('../report/inspection.js')
      const { code, from } = await withInterrupt((signal) => readCode(source, signal))
      const found = inspectRuntime(code, hostFunctionNames())
      process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : renderInspection(found, from))
    },
  )
}

function addWeave(cli: Cli): Cli {
  return cli.command(
    'weave <source>',
    'put policies into a runtime and write the result as a blob',
    (yargs) =>
      yargs
        .positional('source', {
          type: 'string',
          demandOption: true,
          describe: 'a blob, a chain spec or a node, as for inspect',
        })
        .option('policy', {
          type: 'string',
          array: true,
          nargs: 1,
          demandOption: true,
          describe: 'a policy; several act in the order stated',
        })
        .option('set', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'a parameter: policy.param=value, or param=value with one policy',
        })
        .option('out', { alias: 'o', type: 'string', demandOption: true, requiresArg: true, describe: 'file to write' })
        .option('call-sites', {
          choices: ['all', 'epoch'] as const,
          default: 'all' as const,
          describe: 'which calls of a hook meet the policies; epoch leaves runtime APIs as they are',
        })
        .option('compress', { type: 'boolean', default: true, describe: 'write it compressed, as chains store it' })
        .option('json', { type: 'boolean', default: false, describe: 'print the manifest as JSON' })
        .check(onceOnly('out', 'call-sites', 'compress', 'json'))
        .example(
          '$0 runtime weave runtime.wasm --policy stake-cap --set percentile=88 -o capped.wasm',
          'a runtime with a stake cap',
        ),
    async ({ source, policy: policies, set, out, callSites, compress, json }) => {
      const { readCode } = await import('../scenario/readCode.js')
      const { compressRuntime, expandRuntime } = await import('../runtime/runtimeBlob.js')
      const { weave } = await import('../runtime/weave.js')
      const { writeWhole } = await import('../report/writeWhole.js')
      const patches = await statedPolicies(policies, set)
      const { code } = await withInterrupt((signal) => readCode(source, signal))
      const woven = weave(expandRuntime(code), patches, { callSites })
      const blob = compress ? await compressRuntime(woven.wasm) : woven.wasm
      await writeWhole(out, blob)
      if (json) {
        process.stdout.write(`${JSON.stringify({ ...woven.manifest, blobBytes: blob.length }, null, 2)}\n`)
        return
      }
      for (const { policy, hook, layout, params } of woven.manifest.patches) {
        const stated = Object.entries(params).map(([name, value]) => `${name} = ${value}`)
        process.stdout.write(`${policy} at ${hook} (${layout}): ${stated.join(', ')}\n`)
      }
      process.stdout.write(`${out}: ${blob.length} bytes, wasm sha256 ${woven.manifest.outputSha256}\n`)
    },
  )
}

/** The policies with their parameters, in the order stated.
 *  @throws E100 for an option that does not read, E121 to E124 */
async function statedPolicies(names: readonly string[], settings: readonly string[]) {
  const { checkPolicyParams, policyDefinition } = await import('../runtime/policies.js')
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw usageFailure({ message: `--policy ${repeated} is given more than once.` })
  const params = new Map(names.map((name) => [name, {} as Record<string, unknown>]))
  for (const setting of settings) {
    const [, policy = names.length === 1 ? names[0] : undefined, name = '', text = ''] =
      /^(?:([a-z-]+)\.)?([A-Za-z]+)=(.+)$/.exec(setting) ?? []
    const own = policy === undefined ? undefined : params.get(policy)
    if (policy === undefined || own === undefined || name === '') {
      throw usageFailure({ message: `--set ${setting} is not policy.param=value with a policy that is stated.` })
    }
    const isChoice = policyDefinition(policy).params.some((param) => param.name === name && param.kind === 'choice')
    own[name] = isChoice ? text : numberOf(text)
  }
  return names.map((name) => checkPolicyParams(name, params.get(name) ?? {}))
}

/** Decimals as a scenario has them; what is none stays text, which the policy refuses. */
const numberOf = (text: string): unknown => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text)
