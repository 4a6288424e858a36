import { textTable } from '../report/textTable.js'
import { printable } from '../report/printable.js'
import type { RehearsalResult } from './rehearsalResult.js'

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** A rehearsal as a person reads it. */
export function renderRehearsal(result: RehearsalResult, width = 100): string {
  const { scenario, network, runtimes, upgrade, blocks, epochs, nodes, mocks, failure, timing, fault } = result
  const last = blocks.at(-1)
  const after = blocks.filter(({ number }) => upgrade.block !== null && number > upgrade.block)
  const title = (text: string) => `\n${text}`
  const lines = [
    `Rehearsal of ${printable(scenario.title)}`,
    `${network.validators.length} validators (${network.validators.join(', ')}) of ${printable(network.node)}; slots of ${network.slotMs} ms, tempo ${network.tempo}`,
    `Baseline spec ${runtimes.baseline.specVersion} (${runtimes.baseline.sha256.slice(0, 12)}), candidate spec ${runtimes.candidate.specVersion} (${runtimes.candidate.sha256.slice(0, 12)})${fault === null ? '' : `; fault: ${fault}`}`,
    title('Timeline'),
    ...result.timeline.map(({ ms, what }) => `  ${seconds(ms).padStart(8)}  ${printable(what)}`),
    title('Nodes when the network was ended'),
    textTable(
      [
        { title: 'node', align: 'left' },
        { title: 'spec', align: 'right' },
        { title: 'best', align: 'right' },
        { title: 'final', align: 'right' },
      ],
      nodes.map(({ name, status }) =>
        status === null
          ? [name, 'down', '', '']
          : [name, String(status.specVersion), String(status.best), String(status.finalized)],
      ),
      width,
    ),
    title(
      `Blocks 1 to ${last?.number ?? 0}: repeated on the native engine from the same genesis, ${after.length} of them after the upgrade`,
    ),
    `  State roots equal in all ${blocks.length}${finalityLine(blocks)}`,
    title('Ledgers read from the nodes, beside the prediction (alpha rao)'),
    textTable(
      [
        { title: 'block', align: 'right' },
        { title: 'subnet', align: 'right' },
        { title: 'spec', align: 'right' },
        { title: 'accounts', align: 'right' },
        { title: 'nodes', align: 'right' },
        { title: 'prediction', align: 'right' },
      ],
      epochs.map((epoch) =>
        [epoch.block, epoch.netuid, epoch.specVersion, epoch.accounts, epoch.nodesRao, epoch.engineRao].map(String),
      ),
      width,
    ),
    title('Mocked'),
    ...mocks.map((mock) => `  - ${printable(mock)}`),
    '',
    failure === null
      ? `It went as it should: every account was paid to the rao what the prediction says.`
      : `It failed (${failure.code}): ${printable(failure.message)}`,
    `Prepared in ${seconds(timing.prepareMs)}, network ${seconds(timing.networkMs)}, teardown ${seconds(timing.teardownMs)}.`,
  ]
  return `${lines.join('\n')}\n`
}

function finalityLine(blocks: RehearsalResult['blocks']): string {
  const lags = blocks.flatMap(({ finalityMs }) => finalityMs ?? []).sort((a, b) => a - b)
  const middle = lags[lags.length >> 1]
  return middle === undefined ? '.' : `; final ${seconds(middle)} after they were first seen (median).`
}
