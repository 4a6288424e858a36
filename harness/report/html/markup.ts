/** Text that is HTML already: only `html` and `trusted` make it. */
export interface Markup {
  readonly markup: string
}

type Value = string | number | bigint | Markup | undefined | readonly Value[]

/** A template whose values are escaped for element content and quoted attributes alike; lists are joined, `undefined` is nothing.
 *  Everything that comes from a chain or a file passes here, so no name can open a tag or leave an attribute. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return {
    markup: parts.map((part, i) => unindented(part) + (i < values.length ? written(values[i]) : '')).join(''),
  }
}

/** Text of this program that is HTML: a style sheet, a script, a chart. */
export function trusted(markup: string): Markup {
  return { markup }
}

/** The template's own line breaks, which are there for who reads its source. */
const unindented = (part: string) => part.replace(/\s*\n\s*/g, '\n')

function written(value: Value): string {
  if (value === undefined) return ''
  if (isList(value)) return value.map(written).join('')
  return typeof value === 'object' ? value.markup : escapeHtml(String(value))
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}

/** JSON for a script element that is data: no `<`, so that nothing in it can end the element or open a comment. */
export function embeddedJson(data: unknown): Markup {
  return trusted(JSON.stringify(data).replaceAll('<', '\\u003c'))
}
