import { printable } from './printable.js'

/** A name that somebody chose (a subnet, an identity, a scenario's title) as every report shows it: control and format characters
 *  as \u{..}, white space as single spaces, marks stacked on one letter at most two, the rest cut off after `longest`
 *  characters. What a format gives a meaning to (HTML, Markdown, CSV) that format still has to escape. */
export function shownName(text: string, longest = 64): string {
  // Each character can become six, so more than that is never shown; a name of megabytes costs no more.
  const tidy = printable(
    text
      .slice(0, longest * 8)
      .replace(/\s+/gu, ' ')
      .trim(),
  ).replace(/(\p{M}{2})\p{M}+/gu, '$1')
  const characters = [...tidy]
  return characters.length <= longest && text.length <= longest * 8 ? tidy : `${characters.slice(0, longest).join('')}…`
}
