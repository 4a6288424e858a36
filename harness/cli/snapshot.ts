import { usageFailure } from '../errors/cli.js'
import type { Manifest } from '../fork/snapshot/manifest.js'
import type { RunFork } from '../scenario/openFork.js'
import type { LoadedScenario } from '../scenario/scenario.js'
import { allowHooks } from './allowHooks.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { nodeOptions } from './nodeOptions.js'
import { onceOnly } from './onceOnly.js'
import { packageVersion } from './packageVersion.js'
import { openProgress } from './progress.js'

/** `epochdiff snapshot`: the part of a chain's state that a run needs, as a file. */
export function addSnapshot(cli: Cli): Cli {
  return cli.command('snapshot <action>', 'a chain\u2019s state in a file: create, info, verify', (yargs) =>
    addVerify(addInfo(addCreate(yargs))).demandCommand(1, 'Name an action: create, info or verify.'),
  )
}

const NO_CHAIN = 'A snapshot is made of a chain: name its nodes with --rpc.'

function addCreate(cli: Cli): Cli {
  return cli.command(
    'create [scenario] [file]',
    'run a scenario, or epochs of subnets alone, on nodes of a chain and keep everything it read of their state',
    (yargs) =>
      yargs
        .positional('scenario', { type: 'string', describe: 'a scenario file (YAML); none with --netuid' })
        .positional('file', { type: 'string', describe: 'the snapshot to write; the same as -o' })
        .option('netuid', {
          type: 'string',
          requiresArg: true,
          describe: 'instead of a scenario: the epochs of these subnets, such as 1,2',
        })
        .option('out', { alias: 'o', type: 'string', requiresArg: true, describe: 'the snapshot to write' })
        .options(nodeOptions)
        .option('epochs', {
          type: 'string',
          requiresArg: true,
          describe: 'only as many epochs of a scenario; with --netuid as many of each subnet, 1 if left out',
        })
        .option('allow-hooks', allowHooks)
        .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
        .check(onceOnly('netuid', 'out', 'epochs', 'block', 'trusted-hash'))
        .example('$0 snapshot create proposal.yaml proposal.snapshot --rpc archive --block 6521727', 'of a proposal')
        .example('$0 snapshot create --rpc archive --block 6521727 --netuid 1,2 -o a.snapshot', 'of two subnets'),
    async ({
      scenario: source,
      file,
      out,
      netuid,
      rpc,
      block,
      epochs,
      cache,
      verify,
      trustedHash,
      allowHooks,
      json,
    }) => {
      const target = targetOf(source, file, out, netuid)
      const progress = await openProgress()
      try {
        await withInterrupt(async (signal) => {
          const { overrideFork, parseTrustedHash } = await import('../scenario/overrideFork.js')
          const { runScenario } = await import('../scenario/runScenario.js')
          const { cacheFolder } = await import('../fork/cache/cacheFolder.js')
          const { writeSnapshot } = await import('../fork/snapshot/writeSnapshot.js')
          const written = netuid === undefined ? await loaded(source, epochs) : await ofSubnets(netuid, epochs, rpc)
          const scenario = overrideFork(written, { rpc, block, snapshot: undefined })
          if (!('rpc' in scenario.scenario.fork)) throw usageFailure({ message: NO_CHAIN })
          let manifest: Manifest | undefined
          const onReplayed = async ({ chain, metadata }: RunFork): Promise<void> => {
            if (chain === undefined) return
            progress.step(`Writing ${target}`)
            manifest = await writeSnapshot(target, chain, metadata)
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
          if (manifest !== undefined) await printInfo(target, json)
        })
      } finally {
        progress.close()
      }
    },
  )
}

/** Where to write; whether it is a scenario or subnets is stated once.
 *  @throws E100 */
function targetOf(
  scenario: string | undefined,
  file: string | undefined,
  out: string | undefined,
  netuid: string | undefined,
): string {
  if (netuid === undefined && scenario === undefined)
    throw usageFailure({ message: 'Name a scenario, or subnets with --netuid.' })
  if (netuid !== undefined && scenario !== undefined)
    throw usageFailure({
      message: `--netuid stands instead of a scenario: leave out ${scenario}, or name the file with -o.`,
    })
  const [target, second] = [file, out].filter((path) => path !== undefined)
  if (target === undefined) throw usageFailure({ message: 'Name the snapshot to write with -o.' })
  if (second !== undefined) throw usageFailure({ message: `Write one snapshot: ${target} or ${second}.` })
  return target
}

async function loaded(source: string | undefined, epochs: string | undefined): Promise<LoadedScenario> {
  const { loadScenario } = await import('../scenario/loadScenario.js')
  return loadScenario(source ?? '', epochs === undefined ? [] : [`replay.epochs=${epochs}`])
}

/** @throws E100 */
async function ofSubnets(netuid: string, epochs = '1', rpc: readonly string[]): Promise<LoadedScenario> {
  const netuids = netuid.split(',').map(Number)
  if (!/^\d{1,5}(,\d{1,5})*$/.test(netuid) || netuids.some((each) => each < 1 || each > 65_535))
    throw usageFailure({ message: `--netuid takes subnets of 1 to 65535, such as 1,2, not "${netuid}".` })
  if (!/^[1-9]\d{0,3}$/.test(epochs))
    throw usageFailure({ message: `--epochs takes a whole number of 1 to 9999, not "${epochs}".` })
  if (rpc.length === 0) throw usageFailure({ message: NO_CHAIN })
  const { bareScenario } = await import('../scenario/bareScenario.js')
  return bareScenario({ rpc, block: 'finalized' }, [...new Set(netuids)], Number(epochs))
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
