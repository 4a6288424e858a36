/** Keys from `from` on, up to but without `to`; to the end when that is `undefined`. Keys are strings whose order is that of the bytes
 *  (one character a byte, or lower-case hexadecimal). */
export interface KeyRange<Key extends string = string> {
  readonly from: Key
  readonly to: Key | undefined
}

/** Sorted after every key. */
const END = '\uffff'

/** A set of keys that is a union of ranges: what is known of a state that is read piece by piece. */
export class KeyRanges {
  /** Disjoint, not touching, ascending. */
  readonly #from: string[] = []
  readonly #to: string[] = []

  constructor(ranges: Iterable<KeyRange> = []) {
    for (const range of ranges) this.add(range)
  }

  add({ from, to = END }: KeyRange): void {
    if (from >= to) return
    // Those that overlap or touch [from, to] become one.
    const first = count(this.#to, (end) => end < from)
    const past = count(this.#from, (start) => start <= to)
    const [start, end] =
      first < past ? [least(from, this.#from[first] ?? from), most(to, this.#to[past - 1] ?? to)] : [from, to]
    this.#from.splice(first, past - first, start)
    this.#to.splice(first, past - first, end)
  }

  has(key: string): boolean {
    return this.endOf(key) !== key
  }

  /** The first key from `key` on that is not in the set; `undefined` when all are in it. */
  endOf(key: string): string | undefined {
    const index = count(this.#from, (start) => start <= key) - 1
    const end = this.#to[index]
    if (end === undefined || end <= key) return key
    return end === END ? undefined : end
  }

  covers({ from, to }: KeyRange): boolean {
    const end = this.endOf(from)
    return end === undefined || (to !== undefined && end >= to)
  }

  *[Symbol.iterator](): Generator<KeyRange> {
    for (const [index, from] of this.#from.entries()) {
      const to = this.#to[index]
      yield { from, to: to === END ? undefined : to }
    }
  }
}

/** How many of the first ones satisfy what no later one does. */
function count(sorted: readonly string[], holds: (key: string) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(sorted[middle] as string)) low = middle + 1
    else high = middle
  }
  return low
}

const least = (a: string, b: string): string => (a < b ? a : b)
const most = (a: string, b: string): string => (a > b ? a : b)
