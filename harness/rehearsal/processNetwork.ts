import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leftBehind, nodeFailed } from '../errors/rehearsal.js'
import { lastBytes } from './lastBytes.js'
import type { Network } from './network.js'
import { freePorts, isFree } from './ports.js'
import { openWatchdog, type ProcessGroup, startGroup } from './processGroup.js'
import type { ValidatorKeys } from './validatorKeys.js'

export interface NetworkPlan {
  /** Of the node. */
  readonly binary: string
  /** Raw chain spec. */
  readonly spec: string
  /** The spec's id. */
  readonly chainId: string
  readonly validators: readonly ValidatorKeys[]
  /** First of the ports, two a node; any free ones if left out. */
  readonly basePort: number | undefined
}

/** How long a node may take to end by itself. */
const politeMs = 5_000
const killedMs = 5_000

/** Nodes as processes of epochdiff; none runs yet.
 *  @throws E814 */
export async function openProcessNetwork(plan: NetworkPlan): Promise<Network> {
  const { binary, spec, chainId, validators } = plan
  const ports = await freePorts(2 * validators.length, plan.basePort)
  const folder = await mkdtemp(join(tmpdir(), 'epochdiff-rehearsal-'))
  const specFile = join(folder, 'spec.json')
  await writeFile(specFile, spec)
  const watchdog = openWatchdog(folder)
  const nodes = validators.map((keys, index) => {
    const [rpcPort = 0, peerPort = 0] = ports.slice(2 * index, 2 * index + 2)
    return { keys, rpcPort, peerPort, base: join(folder, keys.name), log: join(folder, `${keys.name}.log`) }
  })
  const running = new Map<string, ProcessGroup>()
  const find = (name: string) => {
    const node = nodes.find(({ keys }) => keys.name === name)
    if (node === undefined) throw new RangeError(`No node ${name}.`)
    return node
  }
  const peers = (own: string): string[] =>
    nodes
      .filter(({ keys }) => keys.name !== own)
      .map(({ keys, peerPort }) => `/ip4/127.0.0.1/tcp/${peerPort}/p2p/${keys.peerId}`)

  const end = async (group: ProcessGroup, signals: readonly (readonly [NodeJS.Signals, number])[]): Promise<void> => {
    for (const [signal, waitMs] of signals) {
      group.signal(signal)
      if (await group.gone(waitMs)) {
        watchdog.forget(group)
        return
      }
    }
  }

  return {
    nodes: nodes.map(({ keys: { name }, rpcPort }) => ({ name, rpc: `ws://127.0.0.1:${rpcPort}` })),
    async start(name) {
      const { keys, rpcPort, peerPort, base, log } = find(name)
      await writeKeystore(join(base, 'chains', chainId, 'keystore'), keys)
      const bootnodes = peers(name)
      const args = [
        ...['--chain', specFile, '--base-path', base, '--name', name, '--validator', '--node-key', keys.nodeKey],
        ...['--rpc-port', String(rpcPort), '--rpc-methods', 'unsafe', '--rpc-cors', 'all'],
        ...['--listen-addr', `/ip4/127.0.0.1/tcp/${peerPort}`, '--no-mdns'],
        ...['--allow-private-ip', '--no-telemetry', '--no-prometheus'],
        ...['--state-pruning', 'archive', '--blocks-pruning', 'archive'],
        // Without it a validator whose peers are all away authors nothing.
        '--force-authoring',
        ...(bootnodes.length === 0 ? [] : ['--bootnodes', ...bootnodes]),
      ]
      try {
        const group = await startGroup(binary, args, log)
        watchdog.watch(group)
        running.set(name, group)
      } catch (cause) {
        throw nodeFailed({ node: name, reason: (cause as Error).message, log: [] }, { cause })
      }
    },
    async kill(name) {
      const group = running.get(name)
      running.delete(name)
      if (group !== undefined) await end(group, [['SIGKILL', killedMs]])
    },
    failure: (name) => running.get(name)?.ended(),
    logs: async () =>
      new Map(await Promise.all(nodes.map(async ({ keys, log }) => [keys.name, await lastBytes(log)] as const))),
    async close() {
      const groups = [...running.values()]
      running.clear()
      await Promise.all(
        groups.map((group) =>
          end(group, [
            ['SIGTERM', politeMs],
            ['SIGKILL', killedMs],
          ]),
        ),
      )
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
      await watchdog.release()
      const taken = await Promise.all(ports.map(async (port) => ((await isFree(port)) ? [] : [`port ${port}`])))
      const processes = groups.filter((group) => group.alive()).map(({ pid }) => `process group ${pid}`)
      const what = [...processes, ...taken.flat()]
      if (what.length > 0) throw leftBehind({ what })
    },
  }
}

/** Keys as nodes find them: the file is named by the key's use and its public half, its content is the secret. */
async function writeKeystore(folder: string, { aura, grandpa, secret }: ValidatorKeys): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [use, key] of [
    ['aura', aura],
    ['gran', grandpa],
  ] as const) {
    await writeFile(join(folder, `${Buffer.from(use).toString('hex')}${key.slice(2)}`), JSON.stringify(secret))
  }
}
