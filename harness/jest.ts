import type {} from 'expect'
import type { Movement } from './report/jestMatchers.js'
import { epochdiffMatchers } from './report/jestMatchers.js'

// Imported by a test file, or named in jest's setupFilesAfterEnv: adds the matchers to the global expect of jest.

interface ResultMatchers<R> {
  /** What is paid is what was drained and credited, to the stated slack. */
  toConserve(): R
  /** No account is paid a rao more or less in any epoch, and every output of the epochs is the same. */
  toHaveEmptyDiff(): R
  /** The proposal moves a metric, named as in expectations but without its arm: rewards.hotkey.gini. */
  toMoveMetric(metric: string, movement?: Movement): R
}

declare module 'expect' {
  // Of what is imported from @jest/globals; the parameters have to be those of jest.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type
  interface Matchers<R extends void | Promise<void>, T = unknown> extends ResultMatchers<R> {}
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace jest {
    // Of the globals, as @types/jest has them.
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type
    interface Matchers<R, T = {}> extends ResultMatchers<R> {}
  }
}

const { expect } = globalThis as { expect?: { extend(matchers: object): void } }
expect?.extend(epochdiffMatchers)

export { epochdiffMatchers, type Movement }
