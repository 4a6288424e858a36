/** The path that a mangled Rust symbol names, crate first: `['pallet_subtensor', 'epoch', 'run_epoch', ..., 'epoch']`.
 *
 *  Both manglings are read. Type arguments are left out; an implementation block is its module's path (v0) or an own part
 *  beginning with `<` (legacy), a closure an own part beginning with `{`. `undefined` if it is no Rust symbol.
 *  @see https://doc.rust-lang.org/rustc/symbol-mangling/v0.html */
export function rustPath(symbol: string): string[] | undefined {
  if (symbol.startsWith('_ZN')) return legacyPath(symbol)
  if (symbol.startsWith('_R')) return v0Path(symbol)
  return undefined
}

function legacyPath(symbol: string): string[] | undefined {
  const parts: string[] = []
  let offset = '_ZN'.length
  while (symbol[offset] !== 'E') {
    const digits = /^\d{1,4}/.exec(symbol.slice(offset, offset + 4))?.[0]
    if (digits === undefined) return undefined
    offset += digits.length + Number(digits)
    const part = symbol.slice(offset - Number(digits), offset)
    if (offset >= symbol.length) return undefined
    parts.push(unescapeLegacy(part))
  }
  const hash = parts.pop()
  return hash !== undefined && /^h[0-9a-f]{16}$/.test(hash) ? parts : undefined
}

const legacyEscapes: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
}

function unescapeLegacy(part: string): string {
  return part
    .replace(/^_(?=\$)/, '')
    .replace(/\$([A-Z]+|u[0-9a-f]{1,5})\$/g, (whole, code: string) =>
      code.startsWith('u') ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : (legacyEscapes[code] ?? whole),
    )
    .replaceAll('..', '::')
}

/** What the v0 reader could not read; never leaves this file. */
class Unread extends Error {}

function v0Path(symbol: string): string[] | undefined {
  try {
    return new V0Reader(symbol).path()
  } catch (error) {
    if (error instanceof Unread) return undefined
    throw error
  }
}

/** A recursive reader of v0 symbols that keeps the names of paths and steps over types and constants. */
class V0Reader {
  private offset = '_R'.length
  private depth = 0
  /** Work left: back references could otherwise make a short symbol take forever. */
  private steps = 10_000

  constructor(private readonly symbol: string) {
    while (this.peek() >= '0' && this.peek() <= '9') this.next() // encoding version
  }

  path(): string[] {
    return this.nested(() => {
      const tag = this.next()
      switch (tag) {
        case 'C':
          return [this.identifier()]
        case 'M': {
          const module = this.implementationPath()
          this.type()
          return module
        }
        case 'X': {
          const module = this.implementationPath()
          this.type()
          this.path()
          return module
        }
        case 'Y':
          this.type()
          return this.path()
        case 'N': {
          const namespace = this.next()
          const outer = this.path()
          const name = this.identifier()
          const special = namespace === 'C' ? 'closure' : namespace
          return [...outer, namespace >= 'A' && namespace <= 'Z' ? `{${special}}` : name]
        }
        case 'I': {
          const generic = this.path()
          this.until('E', () => {
            this.genericArgument()
          })
          return generic
        }
        case 'B':
          return this.backReference(() => this.path())
        default:
          throw new Unread()
      }
    })
  }

  private implementationPath(): string[] {
    this.disambiguator()
    return this.path()
  }

  private genericArgument(): void {
    if (this.skip('L')) this.base62()
    else if (this.skip('K')) this.constant()
    else this.type()
  }

  private type(): void {
    this.nested(() => {
      const tag = this.peek()
      if (tag >= 'a' && tag <= 'z') {
        this.next()
        return
      }
      if ('CMXYNI'.includes(tag)) {
        this.path()
        return
      }
      this.next()
      switch (tag) {
        case 'A':
          this.type()
          this.constant()
          return
        case 'S':
        case 'P':
        case 'O':
          this.type()
          return
        case 'T':
          this.until('E', () => {
            this.type()
          })
          return
        case 'R':
        case 'Q':
          if (this.skip('L')) this.base62()
          this.type()
          return
        case 'F':
          this.binder()
          this.skip('U')
          if (this.skip('K') && !this.skip('C')) this.plainIdentifier()
          this.until('E', () => {
            this.type()
          })
          this.type()
          return
        case 'D':
          this.binder()
          this.until('E', () => {
            this.path()
            while (this.skip('p')) {
              this.plainIdentifier()
              this.type()
            }
          })
          if (!this.skip('L')) throw new Unread()
          this.base62()
          return
        case 'B':
          this.backReference(() => {
            this.type()
          })
          return
        default:
          throw new Unread()
      }
    })
  }

  private constant(): void {
    if (this.skip('p')) return
    if (this.skip('B')) {
      this.backReference(() => {
        this.constant()
      })
      return
    }
    this.type()
    this.skip('n')
    while (/^[0-9a-f]$/.test(this.peek())) this.next()
    if (!this.skip('_')) throw new Unread()
  }

  private binder(): void {
    if (this.skip('G')) this.base62()
  }

  private identifier(): string {
    this.disambiguator()
    return this.plainIdentifier()
  }

  private disambiguator(): void {
    if (this.skip('s')) this.base62()
  }

  private plainIdentifier(): string {
    this.skip('u')
    let digits = ''
    while (this.peek() >= '0' && this.peek() <= '9' && digits !== '0') digits += this.next()
    if (digits === '' || digits.length > 5) throw new Unread()
    this.skip('_')
    const end = this.offset + Number(digits)
    if (end > this.symbol.length) throw new Unread()
    const name = this.symbol.slice(this.offset, end)
    this.offset = end
    return name
  }

  /** `_` is 0, `0_` is 1, and so on. */
  private base62(): number {
    let value = 0
    let first = true
    for (;;) {
      const digit = this.next()
      if (digit === '_') return first ? 0 : value + 1
      const worth = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(digit)
      if (worth < 0) throw new Unread()
      value = value * 62 + worth
      first = false
    }
  }

  private backReference<Result>(read: () => Result): Result {
    const target = this.base62() + '_R'.length
    const back = this.offset
    if (target >= back) throw new Unread()
    this.offset = target
    const result = read()
    this.offset = back
    return result
  }

  private nested<Result>(read: () => Result): Result {
    this.depth += 1
    this.steps -= 1
    if (this.depth > 200 || this.steps < 0) throw new Unread()
    const result = read()
    this.depth -= 1
    return result
  }

  private until(end: string, read: () => void): void {
    while (!this.skip(end)) read()
  }

  private peek(): string {
    return this.symbol[this.offset] ?? ''
  }

  private next(): string {
    const character = this.peek()
    if (character === '') throw new Unread()
    this.offset += 1
    return character
  }

  private skip(character: string): boolean {
    if (this.peek() !== character) return false
    this.offset += 1
    return true
  }
}
