/** Stands in front of the digits of an integer that a JavaScript number cannot hold exactly. */
const MARK = '\u0000integer:'
const MARKED = /"\\u0000integer:(-?\d+)"/g

/** JSON.parse that loses no digit of an integer: those beyond 2^53 become marked strings, which `stringifyExact` turns back into
 *  numbers. Balances in rao go beyond.
 *  @throws SyntaxError as JSON.parse does */
export function parseExact(text: string): unknown {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = endOfString(text, at)
    else if (isNumeric(char)) {
      const end = endOfNumber(text, at)
      const token = text.slice(at, end)
      if (token.length > 15 && /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))) {
        parts.push(text.slice(from, at), JSON.stringify(MARK + token))
        from = end
      }
      at = end - 1
    }
  }
  return JSON.parse(parts.length === 0 ? text : parts.concat(text.slice(from)).join(''))
}

export const stringifyExact = (value: unknown): string => JSON.stringify(value).replace(MARKED, '$1')

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Index of the closing quote, or of the last character. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}

/** Digits, sign, point and exponent. */
const isNumeric = (char: number): boolean =>
  (char >= 0x30 && char <= 0x39) || char === 0x2d || char === 0x2b || char === 0x2e || char === 0x65 || char === 0x45

function endOfNumber(text: string, start: number): number {
  let end = start
  while (end < text.length && isNumeric(text.charCodeAt(end))) end += 1
  return end
}
