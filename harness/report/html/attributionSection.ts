import { attributionLegend, attributionRows, attributionTitles } from '../attributionRows.js'
import type { RunResult } from '../runResult.js'
import { shownName } from '../shownName.js'
import { html, type Markup } from './markup.js'
import { table } from './table.js'

const LONGEST_LINE = 1000

/** What each patch changes by itself, subnet by subnet; `undefined` for a run without attribution. */
export function attributionSection(result: RunResult, netuids: Iterable<number>): Markup | undefined {
  if (result.attribution === undefined) return undefined
  const columns = attributionTitles.map((title, index) => ({ title, numeric: index > 0 }))
  const rows = [...netuids].flatMap((netuid) =>
    attributionRows(result, netuid).map(([part = '', ...cells]) => [`subnet ${netuid}: ${part}`, ...cells]),
  )
  return html`<section id="attribution" aria-labelledby="attribution-title">
    <h2 id="attribution-title">What each patch changes</h2>
    <p class="note">Change against the baseline: alpha by role, and of the rewards of hotkeys.</p>
    ${table('What each patch changes, alone and without the others', columns, rows)}
    <ul>
      ${attributionLegend(result).map((line) => html`<li>${shownName(line, LONGEST_LINE)}</li>`)}
    </ul>
  </section>`
}
