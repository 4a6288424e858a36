import type { RunResult } from '../runResult.js'
import { html, type Markup } from './markup.js'

/** What the run stands on, what it did not execute, and what it says nothing about. */
export function trustSection(result: RunResult): Markup {
  const used = new Set(
    result.rewards.roles.filter((r) => r.baselineRao !== '0' || r.candidateRao !== '0').map(({ role }) => role),
  )
  const never = [...new Set(result.rewards.roles.map(({ role }) => role))].filter((role) => !used.has(role))
  const lists: readonly (readonly [string, string, readonly string[]])[] = [
    ['Mocked', 'Answered or skipped instead of executed, in both arms alike.', result.mocks],
    ['Never exercised', 'No account was paid in these roles: the report says nothing about them.', never],
    ['Assumed', 'What the data lacks and the scenario states instead.', result.fork.assumed],
    ['Recorded', 'What the data itself says.', result.fork.recorded],
  ]
  return html`<section id="trust" aria-labelledby="trust-title">
    <h2 id="trust-title">What it stands on</h2>
    <div class="cards">
      ${lists.map(
        ([title, says, items]) =>
          html`<div class="card">
            <h3>${title}</h3>
            <p class="note">${says}</p>
            ${
              items.length === 0
                ? html`<p>Nothing.</p>`
                : html`<ul>
                    ${items.map((item) => html`<li>${item}</li>`)}
                  </ul>`
            }
          </div>`,
      )}
    </div>
  </section>`
}
