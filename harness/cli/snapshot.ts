import { usageFailure } from '../errors/cli.js'
import type { Manifest } from '../fork/snapshot/manifest.js'
import type { RunFork } from '../scenario/openFork.js'
import { allowHooks } from './allowHooks.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { nodeOptions } from './nodeOptions.js'
import { packageVersion } from './packageVersion.js'
import { openProgress } from './progress.js'

/** `epochdiff snapshot`: the part of a chain's state that a run needs, as a file. */
export function addSnapshot(cli: Cli): Cli {
  return cli.command('snapshot <action>', 'a chain\u2019s state in a file: create, info, verify', (yargs) =>
    addVerify(addInfo(addCreate(yargs))).demandCommand(1, 'Name an action: create, info or verify.'),
  )
}

function addCreate(cli: Cli): Cli {
  return cli.command(
    'create <scenario> <file>',
    'run a scenario on nodes of a chain and keep everything it read of their state',
    (yargs) =>
      yargs
        .positional('scenario', { type: 'string', demandOption: true, describe: 'a scenario file (YAML)' })
        .positional('file', { type: 'string', demandOption: true, describe: 'the snapshot to write' })
        .options(nodeOptions)
        .option('epochs', { type: 'string', requiresArg: true, describe: 'only as many epochs' })
        .option('allow-hooks', allowHooks)
        .option('json', { type: 'boolean', default: false, describe: 'print JSON' }),
    async ({ scenario: source, file, rpc, block, epochs, cache, verify, trustedHash, allowHooks, json }) => {
      const progress = await openProgress()
      try {
        await withInterrupt(async (signal) => {
          const { loadScenario } = await import('../scenario/loadScenario.js')
          const { overrideFork, parseTrustedHash } = await import('../scenario/overrideFork.js')
          const { runScenario } = await import('../scenario/runScenario.js')
          const { cacheFolder } = await import('../fork/cache/cacheFolder.js')
          const { writeSnapshot } = await import('../fork/snapshot/writeSnapshot.js')
          const written = await loadScenario(source, epochs === undefined ? [] : [`replay.epochs=${epochs}`])
          const scenario = overrideFork(written, { rpc, block, snapshot: undefined })
          if (!('rpc' in scenario.scenario.fork))
            throw usageFailure({ message: 'A snapshot is made of a chain: name its nodes with --rpc.' })
          let manifest: Manifest | undefined
          const onReplayed = async ({ chain, metadata }: RunFork): Promise<void> => {
            if (chain === undefined) return
            progress.step(`Writing ${file}`)
            manifest = await writeSnapshot(file, chain, metadata)
          }
          const options = { engine: 'native' as const, toolVersion: packageVersion(), progress, signal, onReplayed }
          await runScenario(scenario, {
            ...options,
            cache: cache ? cacheFolder() : undefined,
            verify,
            allowHooks,
            trustedHash: parseTrustedHash(trustedHash),
          })
          progress.close()
          if (manifest !== undefined) await printInfo(file, json)
        })
      } finally {
        progress.close()
      }
    },
  )
}

function addInfo(cli: Cli): Cli {
  return cli.command(
    'info <file>',
    'what a snapshot holds',
    (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, describe: 'a snapshot' })
        .option('json', { type: 'boolean', default: false, describe: 'print JSON' }),
    async ({ file, json }) => printInfo(file, json),
  )
}

function addVerify(cli: Cli): Cli {
  return cli.command(
    'verify <file>',
    'check a snapshot against its own sums and its block\u2019s hash',
    (yargs) => yargs.positional('file', { type: 'string', demandOption: true, describe: 'a snapshot' }),
    async ({ file }) => {
      const { readSnapshot } = await import('../fork/snapshot/readSnapshot.js')
      const { trustText } = await import('../fork/chainFork.js')
      const { manifest } = await readSnapshot(file)
      const { block, chain, entries, trust } = manifest
      process.stdout.write(
        `${file} is whole: ${entries} entries of ${chain} after block ${block.number} (${block.hash}), ${trustText(trust)}\n`,
      )
    },
  )
}

async function printInfo(file: string, json: boolean): Promise<void> {
  const { snapshotInfo, renderSnapshotInfo } = await import('../fork/snapshot/snapshotInfo.js')
  const info = await snapshotInfo(file)
  process.stdout.write(json ? `${JSON.stringify(info, null, 2)}\n` : renderSnapshotInfo(info))
}
