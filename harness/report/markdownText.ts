import { shownName } from './shownName.js'

/** Text as GitHub's Markdown shows it letter by letter: no markup, HTML, link, mention, emoji or reference comes of it. Fit for a
 *  table's cell. A comment, which is not shown, parts what GitHub would link after rendering. */
export function markdownText(text: string, longest = 300): string {
  return shownName(text, longest)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]!|~$^#]/g, '\\$&')
    .replace(/^[-+=]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/(@|:|#|\b(?:www|gh-))(?=\S)/gi, '$1<!-- -->')
}

/** Text of which every letter counts (addresses, commands), in a code span. Fit for a table's cell, where no bar may stand. */
export function markdownCode(text: string, longest = 1000): string {
  const shown = shownName(text, longest)
  const longestRun = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longestRun + 1)
  const pad = /^`|`$|^ .* $|^ *$/.test(shown) ? ' ' : ''
  return `${fence}${pad}${shown.replaceAll('|', '\\u{7c}')}${pad}${fence}`
}
