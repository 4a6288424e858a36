/** pass: as expected. info: worth knowing. warning: read before you believe the numbers. error: do not believe them. */
export type CheckLevel = 'pass' | 'info' | 'warning' | 'error'

/** A verdict about the run itself, or about an expectation of its scenario. All members are for a person to read. */
export interface Check {
  readonly name: string
  readonly level: CheckLevel
  readonly seen: string
  readonly expected: string
  readonly why: string
}
