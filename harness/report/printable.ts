/** Shows control and format characters (terminal escapes, line breaks, bidirectional marks, surrogates without a partner) and what
 *  is no character (XML refuses it) as \u{..}, so that a name cannot move the cursor, hide or reorder text. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

/** A copy of plain data with every string, member names included, made printable. */
export function printableStrings<T>(data: T): T {
  return deep(data) as T
}

function deep(data: unknown): unknown {
  if (typeof data === 'string') return printable(data)
  if (Array.isArray(data)) return data.map(deep)
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.entries(data).map(([name, member]) => [printable(name), deep(member)]))
}
