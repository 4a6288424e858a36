import type { CheckLevel } from '../../checks/check.js'
import type { RunResult } from '../runResult.js'
import { html, type Markup } from './markup.js'

const levels: readonly CheckLevel[] = ['error', 'warning', 'info', 'pass']
const marks: Readonly<Record<CheckLevel, string>> = { error: '✕', warning: '!', info: 'i', pass: '✓' }

/** Every check, the worst first; what was seen and expected of those that did not pass in the open. */
export function checksSection({ checks }: RunResult): Markup {
  const ordered = levels.flatMap((level) => checks.filter((check) => check.level === level))
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Can the numbers be believed?</h2>
    <div class="checks">
      ${ordered.map((check) => {
        const open = check.level === 'error' || check.level === 'warning' ? html` open` : undefined
        return html`<details class="check ${check.level}" ${open}>
          <summary>
            <span class="mark" aria-hidden="true">${marks[check.level]}</span><b>${check.level}</b> ${check.name}
          </summary>
          <dl>
            <dt>seen</dt>
            <dd>${check.seen}</dd>
            <dt>expected</dt>
            <dd>${check.expected}</dd>
            <dt>why it matters</dt>
            <dd>${check.why}</dd>
          </dl>
        </details>`
      })}
    </div>
  </section>`
}
