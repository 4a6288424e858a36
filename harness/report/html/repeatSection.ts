import { offlineHint, rerunCommand } from '../rerunCommand.js'
import type { RunResult } from '../runResult.js'
import { shownName } from '../shownName.js'
import { html, type Markup } from './markup.js'

/** How to run it again, and the hashes that a repetition meets.
 *  @param digest of the result as it is written */
export function repeatSection(result: RunResult, digest: string): Markup {
  const { baseline, candidate } = result.runtimes
  const offline = offlineHint(result)
  const facts: readonly (readonly [string, string])[] = [
    ['epochdiff', result.tool.version],
    ['engine', result.engine],
    ['fork', `block ${result.fork.block.number} ${shownName(result.fork.block.hash, 80)}, ${result.fork.source.name}`],
    ['result, sha256', digest],
    ['scenario, sha256', result.scenario.sha256],
    ['baseline runtime, sha256', `${baseline.sha256} (spec ${baseline.specVersion})`],
    ['candidate runtime, sha256', `${candidate.sha256} (spec ${candidate.specVersion})`],
    [
      'woven functions',
      (candidate.weave?.patches ?? [])
        .map(({ policy, symbol }) => `${policy} at ${shownName(symbol, 160)}`)
        .join(', ') || 'none',
    ],
    ['made', `${result.timing.startedAt}, in ${(result.timing.totalMs / 1000).toFixed(1)} s`],
  ]
  return html`<section id="repeat" aria-labelledby="repeat-title">
    <h2 id="repeat-title">Run it again</h2>
    <p>With the same version it gives the same result, byte for byte but for its timing:</p>
    <pre tabindex="0"><code>${rerunCommand(result)}</code></pre>
    ${offline === undefined ? '' : html`<p>${offline}.</p>`}
    <dl class="facts">
      ${facts.map(
        ([term, value]) =>
          html`<dt>${term}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </section>`
}
