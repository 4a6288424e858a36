import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leftBehind, nodeFailed } from '../errors/rehearsal.js'
import { lastBytes } from './lastBytes.js'
import type { Network } from './network.js'
import { freePorts, isFree } from './ports.js'
import { openWatchdog, type ProcessGroup, startGroup } from './processGroup.js'
import type { NetworkPlan } from './processNetwork.js'

/** How long Zombienet may take to end its nodes. */
const politeMs = 20_000
const killedMs = 5_000

/** Nodes under Zombienet's native provider: it starts all of them when the first is asked for, and ends all of them.
 *  @param command path of @zombienet/cli
 *  @throws E814 */
export async function openZombienetNetwork(command: string, plan: NetworkPlan): Promise<Network> {
  const { binary, spec, validators } = plan
  // Zombienet wants the ports of Prometheus too.
  const ports = await freePorts(3 * validators.length, plan.basePort)
  const folder = await mkdtemp(join(tmpdir(), 'epochdiff-rehearsal-'))
  const data = join(folder, 'network')
  await mkdir(data)
  const specFile = join(folder, 'spec.json')
  await writeFile(specFile, spec)
  const nodes = validators.map(({ name }, index) => {
    const [rpcPort = 0, peerPort = 0, metricsPort = 0] = ports.slice(3 * index, 3 * index + 3)
    return { name, rpcPort, peerPort, metricsPort, log: join(data, `${name}.log`) }
  })
  const networkFile = join(folder, 'network.toml')
  await writeFile(networkFile, networkText(binary, specFile, nodes))
  const watchdog = openWatchdog(folder)
  let group: ProcessGroup | undefined
  const commandLog = join(folder, 'zombienet.log')

  return {
    nodes: nodes.map(({ name, rpcPort }) => ({ name, rpc: `ws://127.0.0.1:${rpcPort}` })),
    async start(name) {
      if (group !== undefined) return
      const args = [command, '--provider', 'native', '--dir', data, '--force', 'spawn', networkFile]
      try {
        group = await startGroup(process.execPath, args, commandLog)
        watchdog.watch(group)
      } catch (cause) {
        throw nodeFailed({ node: name, reason: (cause as Error).message, log: [] }, { cause })
      }
    },
    kill: () => Promise.reject(new RangeError('Zombienet ends its nodes together.')),
    failure: () => group?.ended(),
    logs: async () =>
      new Map([
        ...(await Promise.all(nodes.map(async ({ name, log }) => [name, await lastBytes(log)] as const))),
        ['zombienet', await lastBytes(commandLog)] as const,
      ]),
    async close() {
      const ending = group
      if (ending !== undefined) {
        ending.signal('SIGINT')
        if (!(await ending.gone(politeMs))) {
          ending.signal('SIGKILL')
          await ending.gone(killedMs)
        }
        if (!ending.alive()) watchdog.forget(ending)
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
      await watchdog.release()
      const taken = await Promise.all(ports.map(async (port) => ((await isFree(port)) ? [] : [`port ${port}`])))
      const what = [...(ending?.alive() === true ? [`process group ${ending.pid}`] : []), ...taken.flat()]
      if (what.length > 0) throw leftBehind({ what })
    },
  }
}

interface ZombienetNode {
  readonly name: string
  readonly rpcPort: number
  readonly peerPort: number
  readonly metricsPort: number
}

/** Zombienet's description of a network: a solo chain stands where a relay chain does. */
function networkText(binary: string, specFile: string, nodes: readonly ZombienetNode[]): string {
  const quoted = (text: string) => JSON.stringify(text)
  return [
    '[settings]',
    'timeout = 180',
    'provider = "native"',
    '',
    '[relaychain]',
    'chain = "epochdiff_rehearsal"',
    `chain_spec_path = ${quoted(specFile)}`,
    `default_command = ${quoted(binary)}`,
    'default_args = ["--state-pruning=archive", "--blocks-pruning=archive", "--allow-private-ip", "--force-authoring"]',
    ...nodes.flatMap(({ name, rpcPort, peerPort, metricsPort }) => [
      '',
      '[[relaychain.nodes]]',
      `name = ${quoted(name)}`,
      'validator = true',
      `rpc_port = ${rpcPort}`,
      `p2p_port = ${peerPort}`,
      `prometheus_port = ${metricsPort}`,
    ]),
    '',
  ].join('\n')
}
