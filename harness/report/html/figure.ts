import { type Chart, renderChart } from './chart.js'
import { html, type Markup } from './markup.js'

/** A chart in its card: what it shows in a line, and the same as a table for who cannot see it or wants the numbers. */
export async function figure(parts: {
  /** Unique in the page. */
  readonly name: string
  readonly title: string
  /** What a reader should see in it. */
  readonly says: string
  readonly chart: Chart
  readonly table: Markup
}): Promise<Markup> {
  const svg = await renderChart(parts.chart, parts.name, `${parts.title}. ${parts.says}`)
  return html`<figure class="card" id="${parts.name}">
    <figcaption>
      <h4>${parts.title}</h4>
      <p>${parts.says}</p>
    </figcaption>
    ${svg}
    <details>
      <summary>${parts.title}: as a table</summary>
      ${parts.table}
    </details>
  </figure>`
}
