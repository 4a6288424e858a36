import { createHash } from 'node:crypto'
import { describePatch } from '../../patch/describePatch.js'
import { printableStrings } from '../printable.js'
import { resultDigest } from '../resultDigest.js'
import type { RunResult } from '../runResult.js'
import { shortAddress } from '../shortAddress.js'
import { shownName } from '../shownName.js'
import { accountsData, accountsSection } from './accountsSection.js'
import { attributionSection } from './attributionSection.js'
import { checksSection } from './checksSection.js'
import { heatMapSection } from './heatMapSection.js'
import { html, type Markup, trusted } from './markup.js'
import { pageScript } from './pageScript.js'
import { pageStyle } from './pageStyle.js'
import { repeatSection } from './repeatSection.js'
import { splitResult } from './splitResult.js'
import { subnetSection } from './subnetSection.js'
import { moved, summarySection, titleOf } from './summarySection.js'
import { trustSection } from './trustSection.js'

/** Subnets whose charts are drawn: those on which the largest share moves. Every other is in the heat map and in the table. */
const CHARTED = 6

/** Characters of a text (a check's, a mock's) that are shown. */
const LONGEST_TEXT = 4000
const LONGEST_NAME = 300

/** A result as one page that needs nothing else: styles, script, charts and data are in it, and its policy forbids everything from
 *  outside. Whatever a chain or a file wrote is escaped, and shown by `shownName`. The same result gives the same page. */
export async function renderHtml(result: RunResult): Promise<string> {
  const shown = shortened(printableStrings(result))
  const subnets = splitResult(shown)
  const charted = mostMoved(subnets)
  const sections: Markup[] = []
  for (const [netuid, own] of subnets) {
    if (charted.has(netuid)) sections.push(await subnetSection(own, netuid, subnets.size === 1))
  }
  const left = subnets.size - charted.size
  const attribution = attributionSection(shown, subnets.keys())
  return `<!doctype html>\n${
    page(shown, [
      summarySection(shown, subnets),
      ...(subnets.size > 1 ? [heatMapSection(shown, subnets, charted)] : []),
      ...(left > 0
        ? [
            html`<p class="note">
              Charts of the ${CHARTED} subnets on which the largest share moves; the other ${left} are in the table
              above and in result.json.
            </p>`,
          ]
        : []),
      ...sections,
      ...(attribution === undefined ? [] : [attribution]),
      accountsSection(shown),
      checksSection(shown),
      trustSection(shown),
      repeatSection(shown, resultDigest(result)),
    ]).markup
  }\n`
}

function mostMoved(subnets: ReadonlyMap<number, RunResult>): Set<number> {
  const shares = [...subnets].map(([netuid, own]) => {
    const { movedRao, paidRao } = moved(own)
    return { netuid, share: paidRao === 0n ? 0n : (movedRao * 10n ** 12n) / paidRao }
  })
  const largest = shares.toSorted((a, b) => (a.share > b.share ? -1 : a.share < b.share ? 1 : a.netuid - b.netuid))
  return new Set(largest.slice(0, CHARTED).map(({ netuid }) => netuid))
}

/** Texts of any length cut to what a reader can take in. */
function shortened(result: RunResult): RunResult {
  const text = (value: string) => shownName(value, LONGEST_TEXT)
  return {
    ...result,
    tool: { ...result.tool, version: shownName(result.tool.version) },
    scenario: {
      ...result.scenario,
      file: shownName(result.scenario.file, LONGEST_NAME),
      overrides: result.scenario.overrides.map((override) => shownName(override, LONGEST_NAME)),
    },
    fork: {
      ...result.fork,
      trust: result.fork.trust === null ? null : shownName(result.fork.trust, LONGEST_NAME),
      source: { ...result.fork.source, name: shownName(result.fork.source.name, LONGEST_NAME) },
      recorded: result.fork.recorded.map(text),
      assumed: result.fork.assumed.map(text),
    },
    rewards: {
      ...result.rewards,
      accounts: result.rewards.accounts.map((account) => ({
        ...account,
        hotkey: shownName(account.hotkey),
        coldkey: shownName(account.coldkey),
      })),
    },
    neurons: result.neurons.map((neurons) => ({ ...neurons, hotkeys: neurons.hotkeys.map((name) => shownName(name)) })),
    identities: Object.fromEntries(
      Object.entries(result.identities).map(([address, name]) => [shownName(address), shownName(name, 24)]),
    ),
    checks: result.checks.map((check) => ({
      ...check,
      name: shownName(check.name, 200),
      seen: text(check.seen),
      expected: text(check.expected),
      why: text(check.why),
    })),
    mocks: result.mocks.map(text),
  }
}

function page(result: RunResult, sections: readonly Markup[]): Markup {
  const several = new Set(result.epochs.map(({ netuid }) => netuid)).size > 1
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hashOf(pageScript)}'`,
    `style-src 'sha256-${hashOf(pageStyle)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const { number, hash } = result.fork.block
  const epochs = Math.max(...result.epochs.map(({ epoch }) => epoch + 1), 0)
  const facts = [
    `block ${number.toLocaleString('en-US')} (${shortAddress(hash)})`,
    result.fork.source.name,
    ...(result.fork.trust === null ? [] : [result.fork.trust]),
    `runtime spec ${result.runtimes.baseline.specVersion}`,
    `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
    `${result.engine} engine`,
  ]
  const links: readonly (readonly [string, string])[] = [
    ['#summary', 'In short'],
    ...(several ? ([['#subnets', 'Subnets']] as const) : []),
    ...(result.attribution === undefined ? [] : ([['#attribution', 'By patch']] as const)),
    ['#accounts', 'Accounts'],
    ['#checks', 'Checks'],
    ['#trust', 'Mocked, assumed'],
    ['#repeat', 'Run it again'],
  ]
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="referrer" content="no-referrer" />
      <title>${titleOf(result)} · epochdiff</title>
      <link rel="icon" href="data:," />
      ${trusted(`<style>${pageStyle}</style>`)}
    </head>
    <body>
      <a class="skip" href="#summary">To the result</a>
      <header>
        <p class="brand">epochdiff</p>
        <h1><bdi>${titleOf(result)}</bdi></h1>
        <p class="proposal">
          ${result.patches.length === 0 ? 'No change: both arms are the same.' : result.patches.map((patch) => html`<code>${shownName(describePatch(patch), LONGEST_NAME)}</code> `)}
        </p>
        <p class="facts-line">${facts.join(' · ')}</p>
        <div id="controls" hidden>
          <fieldset>
            <legend>Amounts in</legend>
            ${(['alpha', 'tao', 'rao'] as const).map(
              (unit) =>
                html`<label
                  ><input type="radio" name="unit" value="${unit}" ${unit === 'alpha' ? html` checked` : undefined} />
                  ${unit === 'tao' ? 'TAO' : unit}</label
                >`,
            )}
          </fieldset>
          <button type="button" id="theme">Theme: auto</button> <button type="button" id="print">Print</button>
        </div>
      </header>
      <nav aria-label="Parts of the report" class="contents">
        <ul>
          ${links.map(([href, title]) => html`<li><a href="${href}">${title}</a></li>`)}
        </ul>
      </nav>
      <main>${sections}</main>
      <footer>
        <p>
          Made by epochdiff ${result.tool.version} from result.json alone. Amounts of alpha are of each subnet's own;
          the metrics are defined in docs/metrics.md.
        </p>
      </footer>
      <div id="tip" role="tooltip" hidden></div>
      ${accountsData(result)} ${trusted(`<script>${pageScript}</script>`)}
    </body>
  </html>`
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
