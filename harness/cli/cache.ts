import type { Cli } from './command.js'

/** `epochdiff cache`: what was kept of the state read from nodes. */
export function addCache(cli: Cli): Cli {
  return cli.command(
    'cache <action>',
    'the state that runs keep of what they read from nodes',
    (yargs) =>
      yargs
        .positional('action', {
          choices: ['info', 'clear'] as const,
          demandOption: true,
          describe: 'list it, or remove it',
        })
        .option('json', { type: 'boolean', default: false, describe: 'print JSON' }),
    async ({ action, json }) => {
      const { cacheFolder } = await import('../fork/cache/cacheFolder.js')
      const { clearCache, listCache } = await import('../fork/cache/stateCache.js')
      const folder = cacheFolder()
      const forks = await listCache(folder)
      if (action === 'clear') await clearCache(folder)
      const bytes = forks.reduce((sum, fork) => sum + fork.bytes, 0)
      if (json) {
        process.stdout.write(`${JSON.stringify({ folder, bytes, forks, cleared: action === 'clear' }, null, 2)}\n`)
        return
      }
      const size = (count: number): string => `${(count / 2 ** 20).toFixed(1)} MiB`
      const lines = forks.map(
        (fork) =>
          `  ${size(fork.bytes).padStart(10)}  block ${fork.blockHash} of genesis ${fork.genesisHash.slice(0, 12)}…${fork.proven ? ', proven' : ''}`,
      )
      const sum = `${forks.length} ${forks.length === 1 ? 'block' : 'blocks'}, ${size(bytes)}`
      const head = action === 'clear' ? `Removed from ${folder}: ${sum}` : `${folder}: ${sum}`
      process.stdout.write(`${[head, ...lines].join('\n')}\n`)
    },
  )
}
