import { usageFailure } from '../errors/cli.js'
import type { Cli } from './command.js'
import { withInterrupt } from './interrupt.js'
import { nodeOptions } from './nodeOptions.js'
import { onceOnly } from './onceOnly.js'

/** `epochdiff serve`: an arm of a scenario as a node that wallets and scripts talk to. */
export function addServe(cli: Cli): Cli {
  return cli.command(
    'serve <scenario>',
    'serve an arm over JSON-RPC, for wallets and scripts',
    (yargs) =>
      yargs
        .positional('scenario', { type: 'string', demandOption: true, describe: 'a scenario file (YAML)' })
        .option('arm', {
          choices: ['baseline', 'candidate'] as const,
          default: 'candidate' as const,
          describe: 'which arm',
        })
        .option('port', { type: 'number', default: 9944, describe: 'on 127.0.0.1; 0 takes a free one' })
        .option('set', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'override: policy.param=value',
        })
        .options(nodeOptions)
        .option('snapshot', { type: 'string', requiresArg: true, describe: 'fork a chain from a snapshot file' })
        .check(onceOnly('arm', 'port', 'block', 'snapshot', 'cache', 'verify', 'trusted-hash'))
        .example('$0 serve proposal.yaml --port 9944', 'the proposed runtime at ws://127.0.0.1:9944')
        .example('$0 serve proposal.yaml --rpc archive --block 6521727', 'on the state of that block'),
    async ({ scenario: file, arm, port, set, rpc, block, snapshot, cache, verify, trustedHash }) => {
      if (!Number.isInteger(port) || port < 0 || port > 65_535) {
        throw usageFailure({ message: `--port has to be a whole number of 0 to 65535.` })
      }
      await untilInterrupted(async (signal) => {
        const { loadScenario } = await import('../scenario/loadScenario.js')
        const { overrideFork, parseTrustedHash } = await import('../scenario/overrideFork.js')
        const loaded = overrideFork(await loadScenario(file, set), { rpc, block, snapshot })
        const { serveScenario } = await import('../scenario/serveScenario.js')
        const { cacheFolder } = await import('../fork/cache/cacheFolder.js')
        await serveScenario(loaded, {
          cache: cache ? cacheFolder() : undefined,
          verify,
          trustedHash: parseTrustedHash(trustedHash),
          progress: { step: (title) => void process.stderr.write(`${title}\n`) },
          arm,
          port,
          signal,
          onReady: ({ url, block: number }) => {
            process.stdout.write(
              `${loaded.scenario.name}, ${arm}, at block ${number}: ${url}\n` +
                'Blocks are built when extrinsics come in or dev_newBlock is called; any signature counts that begins with 0xdeadbeef. Ctrl-C ends.\n',
            )
          },
        })
      })
    },
  )
}

/** Ctrl-C is how serving ends: no failure. */
async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  let interrupted: AbortSignal | undefined
  try {
    await withInterrupt(async (signal) => {
      interrupted = signal
      await work(signal)
    })
  } catch (error) {
    if (interrupted?.aborted !== true || error !== interrupted.reason) throw error
  }
}
