/** An entry as a person names it: `SubtensorModule.Kappa(31)`. */
export interface StoragePath {
  readonly pallet: string
  readonly item: string
  /** As plain JS of their types: numbers, decimal digits, accounts, JSON. */
  readonly keys: readonly unknown[]
}

const PATH = /^\s*([A-Za-z]\w*)\.([A-Za-z]\w*)\s*(?:\((.*)\))?\s*$/s

/** Reads `Pallet.Item`, or `Pallet.Item(key, key)` for a map. A key is a number, an account (SS58 or hexadecimal), a name, or JSON.
 *  @throws RangeError when the text is not of that form */
export function parseStoragePath(text: string): StoragePath {
  const [, pallet, item, inner] = PATH.exec(text) ?? []
  if (pallet === undefined || item === undefined) {
    throw new RangeError('it is not of the form Pallet.Item or Pallet.Item(key, key)')
  }
  return { pallet, item, keys: inner === undefined || inner.trim() === '' ? [] : keysOf(inner) }
}

function keysOf(text: string): unknown[] {
  const keys: string[] = ['']
  let depth = 0
  let quoted = false
  for (const [at, character] of [...text].entries()) {
    if (character === '"' && text[at - 1] !== '\\') quoted = !quoted
    if (!quoted && '[{('.includes(character)) depth += 1
    if (!quoted && ']})'.includes(character)) depth -= 1
    if (character === ',' && depth === 0 && !quoted) keys.push('')
    else keys.push(`${keys.pop() ?? ''}${character}`)
  }
  return keys.map((key) => keyOf(key.trim()))
}

function keyOf(text: string): unknown {
  if (text === '') throw new RangeError('a key is empty')
  if (text === 'true' || text === 'false') return text === 'true'
  if (!/^["[{]/.test(text)) return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new RangeError(`the key ${text} is not JSON`, { cause })
  }
}
