import { printable } from './printable.js'
import { shownName } from './shownName.js'

/** One place where a bundle is not what it says, or not what repeating its run gives. */
export interface BundleDifference {
  /** file: not the bytes that bundle.json lists. runtime: not the wasm that ran. result: a member of result.json is not what the
   *  repetition gives. report: not what result.json says. run: the repetition failed. */
  readonly kind: 'file' | 'runtime' | 'result' | 'report' | 'run'
  /** A file of the bundle, and for a result the member as jq writes it. */
  readonly place: string
  /** What the bundle has. */
  readonly seen: string
  /** What it should have. */
  readonly expected: string
}

export interface Verification {
  readonly equal: boolean
  readonly differences: readonly BundleDifference[]
  /** How many differences of the result are not listed. */
  readonly unlisted: number
  /** What a reader should know and what is no difference. */
  readonly notes: readonly string[]
  /** Digest of the repeated run; null when it was not repeated. */
  readonly repeatedDigest: string | null
}

/** A verification as a person reads it. */
export function renderVerification({ equal, differences, unlisted, notes, repeatedDigest }: Verification): string {
  const lines = differences.map(({ kind, place, seen, expected }) =>
    [
      `  ${kind.padEnd(8)}${printable(place)}`,
      `          is  ${shownName(seen, 300)}`,
      `          not ${shownName(expected, 300)}`,
    ].join('\n'),
  )
  const more = unlisted === 0 ? [] : [`  and ${unlisted} more members of result.json`]
  const verdict = equal
    ? `Equal: the run gives the same result, timing excepted: ${repeatedDigest ?? ''}`
    : `It differs in ${differences.length + unlisted} ${differences.length + unlisted === 1 ? 'place' : 'places'}:`
  return `${[verdict, ...lines, ...more, ...notes.map((note) => `Note: ${printable(note)}`)].join('\n')}\n`
}
