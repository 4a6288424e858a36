import { html, type Markup } from './markup.js'

export interface TableColumn {
  readonly title: string
  readonly numeric?: boolean
}

/** A table that scrolls sideways where it is too wide; the first cell of a row heads it.
 *  @param options.sortable the page's script sorts it by a click on a heading, numbers by their data-value */
export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly (Markup | string | number)[])[],
  options: { readonly sortable?: boolean } = {},
): Markup {
  const heading = ({ title, numeric }: TableColumn, index: number) => {
    const text =
      options.sortable === true ? html`<button type="button" data-column="${index}">${title}</button>` : title
    return html`<th scope="col" ${numeric === true ? html` class="number"` : undefined}>${text}</th>`
  }
  const cell = (value: Markup | string | number, index: number) => {
    if (index === 0) return html`<th scope="row">${value}</th>`
    return html`<td${columns[index]?.numeric === true ? html` class="number"` : undefined}>${value}</td>`
  }
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table${options.sortable === true ? html` class="sortable"` : undefined}>
<caption class="unseen">${caption}</caption>
<thead><tr>${columns.map(heading)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>
        ${row.map(cell)}
      </tr>`,
  )}</tbody></table></div>`
}
