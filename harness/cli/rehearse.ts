import { usageFailure } from '../errors/cli.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { onceOnly } from './onceOnly.js'
import { packageVersion } from './packageVersion.js'
import { openProgress } from './progress.js'

/** `epochdiff rehearse`: the proposal as an upgrade of a network of real nodes. */
export function addRehearse(cli: Cli): Cli {
  return cli.command(
    'rehearse <scenario>',
    'upgrade a network of real nodes to the candidate, and compare what they pay with the prediction',
    (yargs) =>
      yargs
        .positional('scenario', { type: 'string', demandOption: true, describe: 'a scenario file (YAML)' })
        .option('node', {
          type: 'string',
          requiresArg: true,
          describe: 'node binary; EPOCHDIFF_NODE, or ours (runtime-patches/node/build.sh) if left out',
        })
        .option('validators', { type: 'number', default: 2, describe: 'how many, up to 6' })
        .option('epochs', { type: 'number', default: 3, describe: 'epochs of each subnet after the upgrade' })
        .option('tempo', { type: 'number', default: 10, describe: 'of every subnet, blocks' })
        .option('upgrade', {
          choices: ['set-code', 'authorize'] as const,
          default: 'set-code' as const,
          describe: 'sudo(set_code), or authorise and apply',
        })
        .option('fault', {
          choices: ['kill', 'late', 'panic', 'overweight'] as const,
          describe: 'what goes wrong meanwhile',
        })
        .option('traffic', { type: 'boolean', default: false, describe: 'transfers and staking calls in every block' })
        .option('provider', {
          choices: ['process', 'zombienet'] as const,
          default: 'process' as const,
          describe: 'who starts the nodes',
        })
        .option('install-zombienet', {
          type: 'boolean',
          default: false,
          describe: 'install @zombienet/cli (225 MB) into the cache if it is not there',
        })
        .option('base-port', { type: 'number', describe: 'first of the ports, two a node; free ones if left out' })
        .option('out', {
          type: 'string',
          requiresArg: true,
          describe: 'folder for the report, the logs and the blocks',
        })
        .option('json', { type: 'boolean', default: false, describe: 'print rehearsal.json' })
        .option('set', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'override, as for run',
        })
        .check(onceOnly('node', 'validators', 'epochs', 'tempo', 'upgrade', 'fault', 'provider', 'base-port', 'out'))
        .example('$0 rehearse scenarios/small-stake-cap.yaml', 'two validators, three epochs after the upgrade')
        .example('$0 rehearse scenarios/small-stake-cap.yaml --validators 4 --fault kill', 'one is killed meanwhile'),
    async ({
      scenario: file,
      set,
      out,
      json,
      node,
      provider,
      basePort,
      fault,
      upgrade,
      traffic,
      installZombienet,
      ...numbers
    }) => {
      const most = { validators: 6, epochs: 1_000, tempo: 1_000 }
      for (const name of ['validators', 'epochs', 'tempo'] as const) whole(name, numbers[name], 1, most[name])
      if (basePort !== undefined) whole('base-port', basePort, 1_024, 65_500)
      if (numbers.validators === 1 && (fault === 'kill' || fault === 'late')) {
        throw usageFailure({ message: `--fault ${fault} needs two validators.` })
      }
      if (provider === 'zombienet' && (fault === 'kill' || fault === 'late')) {
        throw usageFailure({
          message: `--fault ${fault} needs --provider process: Zombienet starts and ends its nodes together.`,
        })
      }
      const progress = await openProgress()
      try {
        await withInterrupt(async (signal) => {
          const { loadScenario } = await import('../scenario/loadScenario.js')
          const loaded = await loadScenario(file, set)
          const { findNodeBinary } = await import('../rehearsal/nodeBinary.js')
          const binary = await findNodeBinary(node)
          const { prepareRehearsalFolder, writeRehearsal } = await import('../rehearsal/writeRehearsal.js')
          if (out !== undefined) await prepareRehearsalFolder(out)
          const { validatorKeys } = await import('../rehearsal/validatorKeys.js')
          const validators = validatorKeys(numbers.validators)
          const zombienet = provider === 'zombienet' ? await zombienetCommand(installZombienet, signal) : undefined
          const { openProcessNetwork } = await import('../rehearsal/processNetwork.js')
          const { openZombienetNetwork } = await import('../rehearsal/zombienetNetwork.js')
          const { rehearse } = await import('../rehearsal/rehearse.js')
          const rehearsal = await rehearse(loaded, {
            ...{ validators, fault, upgrade, traffic, provider, progress, signal },
            epochs: numbers.epochs,
            tempo: numbers.tempo,
            toolVersion: packageVersion(),
            nodeVersion: binary.version,
            openNetwork: (spec) => {
              const plan = { binary: binary.path, spec: spec.json, chainId: spec.id, validators, basePort }
              return zombienet === undefined ? openProcessNetwork(plan) : openZombienetNetwork(zombienet, plan)
            },
          })
          progress.close()
          if (out !== undefined) await writeRehearsal(out, rehearsal)
          const { serialiseRehearsal } = await import('../rehearsal/rehearsalResult.js')
          const { renderRehearsal } = await import('../rehearsal/renderRehearsal.js')
          process.stdout.write(json ? serialiseRehearsal(rehearsal.result) : renderRehearsal(rehearsal.result))
          if (rehearsal.failure !== undefined) throw rehearsal.failure
        })
      } finally {
        progress.close()
      }
    },
  )
}

async function zombienetCommand(install: boolean, signal: AbortSignal): Promise<string> {
  const { findZombienet } = await import('../rehearsal/zombienet.js')
  return findZombienet(install, signal)
}

function whole(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw usageFailure({ message: `--${option} takes a whole number of ${least} to ${most}.` })
}
